using System.Buffers;
using System.Runtime.InteropServices;

namespace Fragcast.Primitives.Messages;

/// <summary>
/// Collects the transactions of the frag in progress, knows at any time how long its encoding is, and writes it. Made
/// once and reused; it holds the raw transactions it is given until <see cref="Start"/>. Not thread-safe.
/// </summary>
public sealed class FragBuilder
{
    private readonly List<ReadOnlyMemory<byte>> _transactions = [];
    private readonly int _lengthMax;
    private long _totalLength;

    /// <summary>Creates a builder.</summary>
    /// <param name="lengthMax">Most bytes of an encoded frag.</param>
    /// <param name="revision">The layout the network uses.</param>
    public FragBuilder(int lengthMax, MessageRevision revision = MessageRevision.V0WithBlobGas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthMax, MessageLayout.FragFixedLength(revision));
        _lengthMax = lengthMax;
        Revision = revision;
    }

    /// <summary>The layout it writes.</summary>
    public MessageRevision Revision { get; }

    /// <summary>Number of transactions collected.</summary>
    public int Count => _transactions.Count;

    /// <summary>Bytes of the frag as it stands.</summary>
    public int EncodedLength => (int)FragEncoder.Length(Count, _totalLength, Revision);

    /// <summary>The transactions collected, valid until the next change.</summary>
    public ReadOnlySpan<ReadOnlyMemory<byte>> Transactions => CollectionsMarshal.AsSpan(_transactions);

    /// <summary>Forgets the transactions collected, to start the next frag.</summary>
    public void Start()
    {
        _transactions.Clear();
        _totalLength = 0;
    }

    /// <summary>Appends a raw EIP-2718 transaction, which must stay unchanged until the frag is written.</summary>
    /// <returns>False, with nothing changed, if the frag would become longer than allowed.</returns>
    public bool TryAdd(ReadOnlyMemory<byte> transaction)
    {
        var length = FragEncoder.Length(Count + 1, _totalLength + transaction.Length, Revision);
        if (length > _lengthMax || Count == MessageLayout.TransactionsMax
            || transaction.Length > MessageLayout.TransactionLengthMax)
        {
            return false;
        }

        _transactions.Add(transaction);
        _totalLength += transaction.Length;
        return true;
    }

    /// <summary>Writes the frag and returns its length, <see cref="EncodedLength"/>.</summary>
    /// <param name="header">All fields but the transactions.</param>
    /// <param name="destination">At least <see cref="EncodedLength"/> bytes.</param>
    public int Write(in FragHeader header, Span<byte> destination) =>
        FragEncoder.Write(header, Transactions, Revision, destination);

    /// <summary>Appends the frag to a writer and returns its length, <see cref="EncodedLength"/>.</summary>
    public int Write(in FragHeader header, IBufferWriter<byte> destination)
    {
        var length = Write(header, destination.GetSpan(EncodedLength));
        destination.Advance(length);
        return length;
    }
}
