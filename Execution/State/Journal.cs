using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>What a journal entry undoes. Kinds up to <see cref="Created"/> outlive their transaction.</summary>
internal enum JournalKind : byte
{
    Slot,
    Balance,
    Nonce,
    Code,
    Flags,
    Created,
    Touch,
    WarmAccount,
    WarmSlot,
    Transient,
    Log,
    Refund,
}

/// <summary>One undo step. 256-bit previous values are kept in the journal's second stack.</summary>
internal struct JournalEntry
{
    public ulong Previous;
    public int Handle;
    public JournalKind Kind;

    /// <summary>The entry owns the top of the value stack.</summary>
    public readonly bool HasValue => Kind is JournalKind.Slot or JournalKind.Balance or JournalKind.Transient;
}

/// <summary>
/// The append-only undo log: two arrays that only grow, truncated by revert. Length of the entries is the checkpoint.
/// </summary>
internal struct Journal
{
    private JournalEntry[] _entries = new JournalEntry[1024];
    private UInt256[] _values = new UInt256[256];
    private int _valueCount;

    public Journal() { }

    public int Count { get; private set; }

    public readonly ref readonly JournalEntry this[int index] => ref _entries[index];

    public void Push(JournalKind kind, int handle, ulong previous = 0)
    {
        var count = Count;
        if ((uint)count >= (uint)_entries.Length)
        {
            Array.Resize(ref _entries, _entries.Length * 2);
        }

        ref var entry = ref _entries[count];
        entry.Previous = previous;
        entry.Handle = handle;
        entry.Kind = kind;
        Count = count + 1;
    }

    public void Push(JournalKind kind, int handle, in UInt256 previous)
    {
        if ((uint)_valueCount >= (uint)_values.Length)
        {
            Array.Resize(ref _values, _values.Length * 2);
        }

        _values[_valueCount++] = previous;
        Push(kind, handle);
    }

    public JournalEntry Pop() => _entries[--Count];

    public UInt256 PopValue() => _values[--_valueCount];

    /// <summary>
    /// Drops the entries from <paramref name="start"/> on that mean nothing once their transaction is over (warmth,
    /// logs, refunds, transient storage, touches).
    /// </summary>
    public void CompactFrom(int start)
    {
        var values = 0;
        for (var i = start; i < Count; i++)
        {
            values += _entries[i].HasValue ? 1 : 0;
        }

        var read = _valueCount - values;
        var (write, kept) = (read, start);
        for (var i = start; i < Count; i++)
        {
            ref var entry = ref _entries[i];
            var keep = entry.Kind <= JournalKind.Created;
            if (entry.HasValue)
            {
                if (keep)
                {
                    _values[write++] = _values[read];
                }

                read++;
            }

            if (keep)
            {
                _entries[kept++] = entry;
            }
        }

        Count = kept;
        _valueCount = write;
    }

    public void Clear()
    {
        Count = 0;
        _valueCount = 0;
    }
}
