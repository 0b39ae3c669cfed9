using Fragcast.Execution.Evm.Analysis;
using Fragcast.Execution.Evm.Compilation;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>
/// A contract's code with what execution needs of it: padded on both sides and pinned, so that neither the program
/// counter nor the immediate of a PUSH runs off it, and analysed for jump destinations as far as it is executed.
/// Immutable but for the analysis; shared by all accounts with this code, and by threads.
/// </summary>
public sealed unsafe class CodeEntry
{
    /// <summary>Zero bytes before the code: a PUSH loads the 32 bytes that end where its immediate ends.</summary>
    internal const int FrontPadding = 32;

    /// <summary>
    /// Zero bytes (STOP) after the code: room for the immediate of a PUSH32 in the last byte, and a STOP.
    /// </summary>
    internal const int BackPadding = 33;

    /// <summary>Length of an EIP-7702 delegation designator: 0xef0100 and an address.</summary>
    public const int DelegationLength = 23;

    /// <summary>
    /// Jumps that the interpreter still makes in this code before it is worth decoding. A hint: threads that share the
    /// code may lose each other's counts.
    /// </summary>
    internal long JumpsLeft;

    // The padded code, and behind it the bits of its jump destinations. The array keeps them alive.
    private readonly byte[] _owner;
    private readonly byte* _memory;
    private int _analysed;
    private BlockMap? _blocks;
    private CompiledCode? _compiled;

    /// <summary>Copies <paramref name="code"/>, whose Keccak-256 is <paramref name="hash"/>.</summary>
    public CodeEntry(ReadOnlySpan<byte> code, in Hash256 hash)
    {
        Length = code.Length;
        JumpsLeft = Tiers.JumpsBeforeDecoding(Length);
        _memory = CodeMemory.Take(BitsOffset + (CodeAnalysis.WordsOf(Length) * sizeof(ulong)), out _owner);
        code.CopyTo(new Span<byte>(_memory + FrontPadding, Length));
        Hash = hash;
        if (IsDelegationDesignator(code))
        {
            DelegationTarget = Address.FromBytes(code[3..]);
        }
    }

    /// <summary>The code of accounts that have none.</summary>
    public static CodeEntry Empty { get; } = new([], Keccak256.EmptyString);

    /// <summary>Keccak-256 of the code.</summary>
    public Hash256 Hash { get; }

    /// <summary>Length of the code in bytes.</summary>
    public int Length { get; }

    /// <summary>The code, without padding.</summary>
    public ReadOnlySpan<byte> Bytes => new(Start, Length);

    /// <summary>The code, without padding.</summary>
    public ReadOnlyMemory<byte> Memory
    {
        get
        {
            fixed (byte* first = _owner)
            {
                // The array is pinned, so that the difference stays what it is.
                return _owner.AsMemory((int)(Start - first), Length);
            }
        }
    }

    /// <summary>The address whose code runs instead, if this is an EIP-7702 delegation designator.</summary>
    public Address? DelegationTarget { get; }

    /// <summary>First byte of the pinned code.</summary>
    internal byte* Start => _memory + FrontPadding;

    /// <summary>
    /// One bit per byte of the code, pinned: set where a JUMPDEST is that is not part of an immediate, as far as the
    /// code is analysed.
    /// </summary>
    internal ulong* JumpDestinations => (ulong*)(_memory + BitsOffset);

    private int BitsOffset => (FrontPadding + Length + BackPadding + sizeof(ulong) - 1) & -sizeof(ulong);

    /// <summary>Analyses the code up to an offset; whether there is a jump destination.</summary>
    internal bool FindJumpDestination(int offset) => CodeAnalysis.IsJumpDestination(
        Bytes, new Span<ulong>(JumpDestinations, CodeAnalysis.WordsOf(Length)), ref _analysed, offset);

    /// <summary>
    /// The code's basic blocks under the instructions of a fork; kept for the fork that asked last. Any thread.
    /// </summary>
    internal BlockMap BlocksFor(InstructionTable instructions)
    {
        // The volatile accesses keep the map's content from being read before, or written after, its reference.
        var blocks = Volatile.Read(ref _blocks);
        if (blocks?.Instructions != instructions)
        {
            blocks = BlockMap.Of(Bytes, instructions);
            Volatile.Write(ref _blocks, blocks);
        }

        return blocks;
    }

    /// <summary>
    /// What of the code is compiled under the instructions of a fork; kept for the fork that asked last. Any thread.
    /// </summary>
    internal CompiledCode CompiledFor(InstructionTable instructions)
    {
        // The volatile accesses keep the object's content from being read before, or written after, its reference.
        var compiled = Volatile.Read(ref _compiled);
        if (compiled?.Map.Instructions != instructions)
        {
            compiled = new CompiledCode(this, BlocksFor(instructions));
            Volatile.Write(ref _compiled, compiled);
        }

        return compiled;
    }

    /// <summary>Whether <paramref name="code"/> has the form 0xef0100 ‖ address (EIP-7702).</summary>
    public static bool IsDelegationDesignator(ReadOnlySpan<byte> code) =>
        code.Length == DelegationLength && code[0] == 0xEF && code[1] == 0x01 && code[2] == 0x00;
}
