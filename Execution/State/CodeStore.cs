using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>
/// Codes by hash, numbered: accounts refer to a code by its number, so that its analysis is shared and found without a
/// look-up. Number 0 is the empty code. Codes are read from the source when first used.
/// </summary>
internal sealed class CodeStore(IStateSource source)
{
    /// <summary>Number of the empty code.</summary>
    public const int Empty = 0;

    private readonly Dictionary<Hash256, int> _numbers = new() { [Keccak256.EmptyString] = Empty };
    private Hash256[] _hashes = [Keccak256.EmptyString, .. new Hash256[63]];
    private CodeEntry?[] _entries = [CodeEntry.Empty, .. new CodeEntry?[63]];
    private int _count = 1;

    /// <summary>Number of the code with the given hash, which need not be read yet.</summary>
    public int NumberOf(in Hash256 hash)
    {
        if (hash == Keccak256.EmptyString)
        {
            return Empty;
        }

        if (_numbers.TryGetValue(hash, out var number))
        {
            return number;
        }

        if (_count == _hashes.Length)
        {
            Array.Resize(ref _hashes, _count * 2);
            Array.Resize(ref _entries, _count * 2);
        }

        number = _count++;
        _hashes[number] = hash;
        _numbers.Add(hash, number);
        return number;
    }

    /// <summary>Number of codes seen so far.</summary>
    public int Count => _count;

    /// <summary>Number of a code of another store, which is shared when it is new here.</summary>
    public int NumberOf(CodeEntry code)
    {
        var number = NumberOf(code.Hash);
        _entries[number] ??= code;
        return number;
    }

    /// <summary>Number of the given code, which is copied when it is new.</summary>
    public int Add(ReadOnlySpan<byte> code)
    {
        if (code.IsEmpty)
        {
            return Empty;
        }

        var hash = Keccak256.Hash(code);
        var number = NumberOf(hash);
        _entries[number] ??= new CodeEntry(code, hash);
        return number;
    }

    /// <summary>Forgets all codes but the empty one; their numbers are given anew.</summary>
    public void Clear()
    {
        _numbers.Clear();
        _numbers.Add(Keccak256.EmptyString, Empty);
        Array.Clear(_entries, Empty + 1, _count - 1);
        _count = 1;
    }

    public ref readonly Hash256 HashOf(int number) => ref _hashes[number];

    public CodeEntry this[int number] => _entries[number] ?? Load(number);

    private CodeEntry Load(int number)
    {
        ref readonly var hash = ref _hashes[number];
        return _entries[number] = new CodeEntry(source.GetCode(hash).Span, hash);
    }
}
