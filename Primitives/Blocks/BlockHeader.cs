using System.Buffers.Binary;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Blocks;

/// <summary>
/// A block header with all fields to Prague. The fields added after the first blocks are null where the chain had not
/// got them yet; they were added in one order, so none of them may be set while an earlier one is null.
/// </summary>
public sealed record BlockHeader
{
    /// <summary>Bytes of the bloom filter.</summary>
    public const int LogsBloomLength = 256;

    private readonly ReadOnlyMemory<byte> _logsBloom = new byte[LogsBloomLength];

    /// <summary>keccak of the RLP of an empty list: the ommers hash of every block since the merge.</summary>
    public static Hash256 EmptyOmmersHash { get; } = Keccak256.Hash([0xC0]);

    /// <summary>keccak of the RLP of an empty string: the root of a trie without entries.</summary>
    public static Hash256 EmptyTrieRoot { get; } = Keccak256.Hash([0x80]);

    /// <summary>Hash of the parent's header.</summary>
    public Hash256 ParentHash { get; init; }

    /// <summary>Hash of the list of ommers.</summary>
    public Hash256 OmmersHash { get; init; } = EmptyOmmersHash;

    /// <summary>Receiver of the fees.</summary>
    public Address Beneficiary { get; init; }

    /// <summary>Root of the state after the block.</summary>
    public Hash256 StateRoot { get; init; }

    /// <summary>Root of the trie of transactions.</summary>
    public Hash256 TransactionsRoot { get; init; } = EmptyTrieRoot;

    /// <summary>Root of the trie of receipts.</summary>
    public Hash256 ReceiptsRoot { get; init; } = EmptyTrieRoot;

    /// <summary>
    /// Bloom filter of all logs, <see cref="LogsBloomLength"/> bytes. After decoding, memory of its own.
    /// </summary>
    /// <exception cref="ArgumentException">On setting another number of bytes.</exception>
    public ReadOnlyMemory<byte> LogsBloom
    {
        get => _logsBloom;
        init => _logsBloom = value.Length == LogsBloomLength
            ? value
            : throw new ArgumentException($"A bloom filter has {LogsBloomLength} bytes.", nameof(value));
    }

    /// <summary>Difficulty; 0 since the merge.</summary>
    public UInt256 Difficulty { get; init; }

    /// <summary>Number of the block.</summary>
    public ulong Number { get; init; }

    /// <summary>Gas limit.</summary>
    public ulong GasLimit { get; init; }

    /// <summary>Gas used by all transactions.</summary>
    public ulong GasUsed { get; init; }

    /// <summary>Time in seconds since 1970.</summary>
    public ulong Timestamp { get; init; }

    /// <summary>Extra data. After decoding, memory of its own.</summary>
    public ReadOnlyMemory<byte> ExtraData { get; init; }

    /// <summary>Mix hash; since the merge the randomness of the beacon chain (EIP-4399).</summary>
    public Hash256 MixHash { get; init; }

    /// <summary>Nonce of the proof of work, its 8 bytes as a big-endian number; 0 since the merge.</summary>
    public ulong Nonce { get; init; }

    /// <summary>London: base fee in wei for each unit of gas (EIP-1559).</summary>
    public UInt256? BaseFeePerGas { get; init; }

    /// <summary>
    /// Shanghai: root of the trie of withdrawals (EIP-4895); on OP chains since Isthmus a storage root.
    /// </summary>
    public Hash256? WithdrawalsRoot { get; init; }

    /// <summary>Cancun: blob gas used (EIP-4844).</summary>
    public ulong? BlobGasUsed { get; init; }

    /// <summary>Cancun: blob gas above the target, accumulated (EIP-4844).</summary>
    public ulong? ExcessBlobGas { get; init; }

    /// <summary>Cancun: root of the parent beacon block (EIP-4788).</summary>
    public Hash256? ParentBeaconBlockRoot { get; init; }

    /// <summary>Prague: hash of the requests to the consensus layer (EIP-7685).</summary>
    public Hash256? RequestsHash { get; init; }

    /// <summary>The block's hash: keccak of the RLP form. Computed anew at each call: callers keep it.</summary>
    /// <exception cref="InvalidOperationException">A field is set and one added before it is null.</exception>
    public Hash256 Hash => ComputeHash();

    /// <summary>Reads a header; nothing of the input is kept. Any input gives a value or an error.</summary>
    public static BlockDecodeError TryDecode(ReadOnlySpan<byte> rlp, out BlockHeader? header) =>
        BlockHeaderDecoder.TryDecode(rlp, out header);

    /// <summary>Appends the RLP form.</summary>
    /// <exception cref="InvalidOperationException">A field is set and one added before it is null.</exception>
    public void WriteTo(ref RlpWriter writer)
    {
        CheckOptionalFields();
        writer.StartList();
        writer.Write(ParentHash);
        writer.Write(OmmersHash);
        writer.Write(Beneficiary);
        writer.Write(StateRoot);
        writer.Write(TransactionsRoot);
        writer.Write(ReceiptsRoot);
        writer.Write(LogsBloom.Span);
        writer.Write(Difficulty);
        writer.Write(Number);
        writer.Write(GasLimit);
        writer.Write(GasUsed);
        writer.Write(Timestamp);
        writer.Write(ExtraData.Span);
        writer.Write(MixHash);
        Span<byte> nonce = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(nonce, Nonce);
        writer.Write(nonce);
        WriteOptionalFields(ref writer);
        writer.EndList();
    }

    /// <summary>The RLP form in memory of its own.</summary>
    /// <exception cref="InvalidOperationException">A field is set and one added before it is null.</exception>
    public byte[] Encode()
    {
        var writer = new RlpWriter();
        try
        {
            WriteTo(ref writer);
            return writer.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Whether two headers say the same; bloom and extra data are compared by content.</summary>
    public bool Equals(BlockHeader? other) => other is not null && Encode().AsSpan().SequenceEqual(other.Encode());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Number, ParentHash, StateRoot);

    private Hash256 ComputeHash()
    {
        var writer = new RlpWriter();
        try
        {
            WriteTo(ref writer);
            return Keccak256.Hash(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private void WriteOptionalFields(ref RlpWriter writer)
    {
        if (BaseFeePerGas is { } baseFee)
        {
            writer.Write(baseFee);
        }

        if (WithdrawalsRoot is { } withdrawalsRoot)
        {
            writer.Write(withdrawalsRoot);
        }

        if (BlobGasUsed is { } blobGasUsed)
        {
            writer.Write(blobGasUsed);
        }

        if (ExcessBlobGas is { } excessBlobGas)
        {
            writer.Write(excessBlobGas);
        }

        if (ParentBeaconBlockRoot is { } parentBeaconBlockRoot)
        {
            writer.Write(parentBeaconBlockRoot);
        }

        if (RequestsHash is { } requestsHash)
        {
            writer.Write(requestsHash);
        }
    }

    private void CheckOptionalFields()
    {
        ReadOnlySpan<bool> present =
        [
            BaseFeePerGas is not null, WithdrawalsRoot is not null, BlobGasUsed is not null,
            ExcessBlobGas is not null, ParentBeaconBlockRoot is not null, RequestsHash is not null,
        ];
        if (present.LastIndexOf(true) >= 0 && present[..present.LastIndexOf(true)].Contains(false))
        {
            throw new InvalidOperationException("A header field is set and one that was added before it is null.");
        }
    }
}
