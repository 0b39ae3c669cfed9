using System.Diagnostics;
using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// Changes to be applied to a trie together. Reused from batch to batch: in steady state it does not allocate. Not
/// thread-safe.
/// </summary>
public sealed class TrieBatch
{
    private List<TrieChange> _changes = [];
    private List<TrieChange> _sorted = [];
    private ulong[] _prefixes = [];
    private int[] _order = [];
    private byte[] _values = new byte[512];
    private int _valuesLength;
    private bool _isSorted = true;

    /// <summary>Number of changes, before those of the same key are merged.</summary>
    public int Count => _changes.Count;

    /// <summary>Empties the batch and keeps its memory.</summary>
    public void Clear()
    {
        _changes.Clear();
        _valuesLength = 0;
        _isSorted = true;
    }

    /// <summary>Adds the new value of a key; an empty one removes the key. The last change of a key counts.</summary>
    /// <param name="key">
    /// At most 32 bytes: the key as the trie sees it, that is, already hashed in a secure trie.
    /// </param>
    /// <param name="value">Copied.</param>
    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_values.Length - _valuesLength < value.Length)
            Array.Resize(ref _values, Math.Max(_values.Length * 2, _valuesLength + value.Length));
        value.CopyTo(_values.AsSpan(_valuesLength));
        var change = new TrieChange(new Nibbles(key), _changes.Count, _valuesLength, value.Length);
        _isSorted &= _changes.Count == 0 || Nibbles.Compare(_changes[^1].Path, change.Path) < 0;
        _changes.Add(change);
        _valuesLength += value.Length;
    }

    /// <summary>Adds the new value of a hashed key; an empty one removes the key.</summary>
    public void Set(in Hash256 key, ReadOnlySpan<byte> value) => Set(key.Bytes, value);

    /// <summary>Adds the removal of a key.</summary>
    public void Remove(ReadOnlySpan<byte> key) => Set(key, []);

    /// <summary>The bytes of all values.</summary>
    internal ReadOnlySpan<byte> Values => _values;

    /// <summary>The changes in order of their keys, each key once.</summary>
    internal ReadOnlySpan<TrieChange> Sorted()
    {
        if (!_isSorted)
        {
            Sort();
            MergeEqual();
            _isSorted = true;
        }

        return CollectionsMarshal.AsSpan(_changes);
    }

    /// <summary>
    /// Sorts by the first eight bytes, which are all that hashed keys differ in, and then what agrees in them.
    /// </summary>
    private void Sort()
    {
        int count = _changes.Count;
        if (_prefixes.Length < count)
        {
            _prefixes = new ulong[2 * count];
            _order = new int[2 * count];
        }

        for (int i = 0; i < count; i++)
        {
            _prefixes[i] = _changes[i].Path.First64Bits;
            _order[i] = i;
        }

        Array.Sort(_prefixes, _order, 0, count);
        _sorted.Clear();
        foreach (int index in _order.AsSpan(0, count)) _sorted.Add(_changes[index]);
        (_changes, _sorted) = (_sorted, _changes);
        Span<TrieChange> changes = CollectionsMarshal.AsSpan(_changes);
        for (int start = 0, end; start < count; start = end)
        {
            end = start + 1;
            while (end < count && _prefixes[end] == _prefixes[start]) end++;
            if (end - start > 1) changes[start..end].Sort(default(ByPathThenAge));
        }
    }

    private void MergeEqual()
    {
        Span<TrieChange> changes = CollectionsMarshal.AsSpan(_changes);
        int kept = 0;
        for (int i = 1; i < changes.Length; i++)
        {
            if (Nibbles.Compare(changes[kept].Path, changes[i].Path) != 0) kept++;
            if (kept != i) changes[kept] = changes[i];
        }

        CollectionsMarshal.SetCount(_changes, kept + 1);
    }

    private readonly struct ByPathThenAge : IComparer<TrieChange>
    {
        public int Compare(TrieChange x, TrieChange y)
        {
            int order = Nibbles.Compare(x.Path, y.Path);
            return order != 0 ? order : x.Age - y.Age;
        }
    }
}

/// <summary>The new value of one key, as a range of the values of its batch; an empty range removes the key.</summary>
internal readonly struct TrieChange(in Nibbles path, int age, int valueStart, int valueLength)
{
    public readonly Nibbles Path = path;
    public readonly int Age = age;
    private readonly int _valueStart = valueStart;
    private readonly int _valueLength = valueLength;

    public bool IsRemoval => _valueLength == 0;

    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> values)
    {
        Debug.Assert(_valueStart + _valueLength <= values.Length, "A change is read with the values of its batch.");
        return values.Slice(_valueStart, _valueLength);
    }
}
