using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Messages;

/// <summary>
/// A frag: the transactions <see cref="Seq"/> of a block in progress, read in place from its SSZ encoding. The view
/// copies nothing and is valid as long as the bytes it was decoded from. Source: based-op, <c>FragV0</c>.
/// </summary>
public readonly struct FragV0
{
    private readonly FragHeader _header;

    private FragV0(ReadOnlyMemory<byte> ssz, MessageRevision revision, FragHeader header, FragTransactions transactions)
    {
        _header = header;
        Ssz = ssz;
        Revision = revision;
        Transactions = transactions;
    }

    /// <summary>The bytes the frag was decoded from.</summary>
    public ReadOnlyMemory<byte> Ssz { get; }

    /// <summary>The layout of <see cref="Ssz"/>.</summary>
    public MessageRevision Revision { get; }

    /// <summary>All fields but the transactions.</summary>
    public FragHeader Header => _header;

    /// <summary>The block the frag belongs to.</summary>
    public ulong BlockNumber => _header.BlockNumber;

    /// <summary>The frag's place in the block, from 0.</summary>
    public ulong Seq => _header.Seq;

    /// <summary>Whether no frag of this block follows.</summary>
    public bool IsLast => _header.IsLast;

    /// <summary>Blob gas used; 0 in revision <see cref="MessageRevision.V0"/>, which does not carry it.</summary>
    public ulong BlobGasUsed => _header.BlobGasUsed;

    /// <summary>The raw EIP-2718 transactions; none of them has been looked into.</summary>
    public FragTransactions Transactions { get; }

    /// <summary>
    /// Checks and wraps an encoded frag. Any input gives a value or an error; the work is one pass over the offset
    /// table.
    /// </summary>
    /// <param name="ssz">The encoding, all of it; it must stay unchanged while the view is in use.</param>
    /// <param name="revision">The layout the network uses.</param>
    /// <param name="frag">The view, or the default value on an error.</param>
    public static MessageError TryDecode(ReadOnlyMemory<byte> ssz, MessageRevision revision, out FragV0 frag)
    {
        frag = default;
        var reader = new SszReader(ssz.Span);
        var blockNumber = reader.ReadUInt64();
        var seq = reader.ReadUInt64();
        var isLast = reader.ReadByte();
        var blobGasUsed = revision == MessageRevision.V0WithBlobGas ? reader.ReadUInt64() : 0;
        var offset = reader.ReadOffset();
        if (reader.Failed)
        {
            return MessageError.Truncated;
        }

        if (isLast > 1)
        {
            return MessageError.BadBoolean;
        }

        if (offset != (uint)reader.Position)
        {
            return MessageError.BadOffset;
        }

        var list = ssz[reader.Position..];
        var error = SszOffsets.TryValidate(
            list.Span, MessageLayout.TransactionsMax, MessageLayout.TransactionLengthMax, out var count);
        if (error != SszListError.None)
        {
            return error == SszListError.TooLong ? MessageError.ListTooLong : MessageError.BadOffset;
        }

        var header = new FragHeader(blockNumber, seq, isLast == 1, blobGasUsed);
        frag = new FragV0(ssz, revision, header, new FragTransactions(list, count));
        return MessageError.None;
    }

    /// <summary>
    /// Encodes a frag into new memory and returns the view of it; for the hot path, see <see cref="FragBuilder"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The transactions do not fit into a frag.</exception>
    public static FragV0 Create(
        in FragHeader header,
        ReadOnlySpan<ReadOnlyMemory<byte>> transactions,
        MessageRevision revision = MessageRevision.V0WithBlobGas)
    {
        var ssz = new byte[FragEncoder.Length(transactions, revision)];
        FragEncoder.Write(header, transactions, revision, ssz);
        return TryDecode(ssz, revision, out var frag) == MessageError.None
            ? frag
            : throw new ArgumentException("A transaction is longer than a frag can carry.", nameof(transactions));
    }

    /// <summary>The SSZ hash-tree-root, computed over the encoding in place; not cached.</summary>
    public Hash256 HashTreeRoot() => FragRoot.Compute(this);

    /// <summary>The digest that the leader signs.</summary>
    /// <param name="attempt">How often the block was cancelled before.</param>
    public Hash256 SigningDigest(byte attempt = 0) =>
        MessageSignature.Digest(MessageKind.Frag, HashTreeRoot(), attempt);
}
