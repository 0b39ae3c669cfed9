using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Messages;

/// <summary>
/// The raw EIP-2718 transactions of a frag: slices of the frag's own bytes, in order, without allocation. Valid as long
/// as those bytes are.
/// </summary>
public readonly struct FragTransactions
{
    /// <param name="list">The serialized list, whose offset table has been validated.</param>
    /// <param name="count">The number of transactions the validation found.</param>
    internal FragTransactions(ReadOnlyMemory<byte> list, int count)
    {
        Serialized = list;
        Count = count;
    }

    /// <summary>Number of transactions.</summary>
    public int Count { get; }

    /// <summary>Bytes of all transactions together.</summary>
    public int TotalLength => Serialized.Length - (Count * SszOffsets.Length);

    /// <summary>The serialized list: offset table, then transactions.</summary>
    internal ReadOnlyMemory<byte> Serialized { get; }

    /// <summary>Transaction <paramref name="index"/>, from 0; the index must be below <see cref="Count"/>.</summary>
    public ReadOnlyMemory<byte> this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var (start, end) = SszOffsets.Range(Serialized.Span, Count, index);
            return Serialized[start..end];
        }
    }

    /// <summary>Enumerates the transactions in order.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Walks the transactions of a frag.</summary>
    public struct Enumerator
    {
        private readonly FragTransactions _transactions;
        private int _index;

        internal Enumerator(FragTransactions transactions)
        {
            _transactions = transactions;
            _index = -1;
        }

        /// <summary>The transaction the walk stands on.</summary>
        public readonly ReadOnlyMemory<byte> Current => _transactions[_index];

        /// <summary>Goes to the next transaction; false after the last.</summary>
        public bool MoveNext() => ++_index < _transactions.Count;
    }
}
