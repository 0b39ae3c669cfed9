using System.Buffers.Binary;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Messages;

/// <summary>
/// The start of a block: the environment its transactions run in. It has one layout in both revisions.
/// Source: based-op, <c>EnvV0</c>.
/// </summary>
public sealed record EnvV0
{
    /// <summary>Most bytes of <see cref="ExtraData"/>.</summary>
    public const int ExtraDataMax = MessageLayout.ExtraDataMax;

    private readonly ReadOnlyMemory<byte> _extraData;

    /// <summary>The block's number.</summary>
    public required ulong Number { get; init; }

    /// <summary>Hash of the parent block.</summary>
    public required Hash256 ParentHash { get; init; }

    /// <summary>Receiver of the fees.</summary>
    public required Address Beneficiary { get; init; }

    /// <summary>The block's time, seconds since 1970.</summary>
    public required ulong Timestamp { get; init; }

    /// <summary>The block's gas limit.</summary>
    public required ulong GasLimit { get; init; }

    /// <summary>Base fee, wei for each unit of gas.</summary>
    public required ulong BaseFee { get; init; }

    /// <summary>Difficulty; 0 since the merge.</summary>
    public required UInt256 Difficulty { get; init; }

    /// <summary>The randomness of the beacon chain, in the place of the header's mix hash.</summary>
    public required Hash256 PrevRandao { get; init; }

    /// <summary>
    /// The header's extra data, at most <see cref="ExtraDataMax"/> bytes. After decoding, a slice of the decoded bytes.
    /// </summary>
    /// <exception cref="ArgumentException">On setting more bytes than that.</exception>
    public ReadOnlyMemory<byte> ExtraData
    {
        get => _extraData;
        init => _extraData = value.Length <= ExtraDataMax
            ? value
            : throw new ArgumentException($"Extra data is at most {ExtraDataMax} bytes.", nameof(value));
    }

    /// <summary>Root of the parent beacon block (EIP-4788).</summary>
    public required Hash256 ParentBeaconBlockRoot { get; init; }

    /// <summary>Bytes of the encoding.</summary>
    public int EncodedLength => MessageLayout.EnvFixedLength + ExtraData.Length;

    /// <summary>Reads an env. Any input gives a value or an error.</summary>
    /// <param name="ssz">The encoding, all of it; <see cref="ExtraData"/> stays a slice of it.</param>
    /// <param name="revision">The layout the network uses; an env is the same in all of them.</param>
    /// <param name="env">The message, or null on an error.</param>
    public static MessageError TryDecode(ReadOnlyMemory<byte> ssz, MessageRevision revision, out EnvV0? env)
    {
        env = null;
        if (ssz.Length < MessageLayout.EnvFixedLength)
        {
            return MessageError.Truncated;
        }

        var extraData = ssz[MessageLayout.EnvFixedLength..];
        if (extraData.Length > ExtraDataMax)
        {
            return MessageError.ListTooLong;
        }

        var tail = new SszReader(ssz.Span[MessageLayout.EnvOffsetPosition..]);
        if (tail.ReadOffset() != MessageLayout.EnvFixedLength)
        {
            return MessageError.BadOffset;
        }

        var reader = new SszReader(ssz.Span);
        env = new EnvV0
        {
            Number = reader.ReadUInt64(),
            ParentHash = reader.ReadHash(),
            Beneficiary = Address.FromBytes(reader.Take(20)),
            Timestamp = reader.ReadUInt64(),
            GasLimit = reader.ReadUInt64(),
            BaseFee = reader.ReadUInt64(),
            Difficulty = reader.ReadUInt256(),
            PrevRandao = reader.ReadHash(),
            ParentBeaconBlockRoot = tail.ReadHash(),
            ExtraData = extraData,
        };
        return MessageError.None;
    }

    /// <summary>Writes the encoding and returns its length.</summary>
    /// <param name="destination">At least <see cref="EncodedLength"/> bytes.</param>
    public int Write(Span<byte> destination)
    {
        var writer = new SszWriter(destination);
        writer.Write(Number);
        writer.Write(ParentHash.Bytes);
        writer.Write(Beneficiary.Bytes);
        writer.Write(Timestamp);
        writer.Write(GasLimit);
        writer.Write(BaseFee);
        writer.Write(Difficulty);
        writer.Write(PrevRandao.Bytes);
        writer.WriteOffset(MessageLayout.EnvFixedLength);
        writer.Write(ParentBeaconBlockRoot.Bytes);
        writer.Write(ExtraData.Span);
        return writer.Position;
    }

    /// <summary>The SSZ hash-tree-root.</summary>
    public Hash256 HashTreeRoot()
    {
        Span<byte> fields = stackalloc byte[10 * SszRoot.ChunkLength];
        fields.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(fields, Number);
        ParentHash.CopyTo(fields[32..]);
        Beneficiary.CopyTo(fields[64..]);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[96..], Timestamp);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[128..], GasLimit);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[160..], BaseFee);
        new SszWriter(fields[192..]).Write(Difficulty);
        PrevRandao.CopyTo(fields[224..]);
        SszRoot.ByteList(ExtraData.Span, MessageLayout.ExtraDataDepth, fields.Slice(256, SszRoot.ChunkLength));
        ParentBeaconBlockRoot.CopyTo(fields[288..]);
        Span<byte> root = stackalloc byte[SszRoot.ChunkLength];
        SszRoot.Container(fields, root);
        return Hash256.FromBytes(root);
    }

    /// <summary>The digest that the leader signs.</summary>
    /// <param name="attempt">How often the block was cancelled before.</param>
    public Hash256 SigningDigest(byte attempt = 0) =>
        MessageSignature.Digest(MessageKind.Env, HashTreeRoot(), attempt);

    /// <summary>Whether two envs say the same; extra data is compared by content.</summary>
    public bool Equals(EnvV0? other) =>
        other is not null
        && Number == other.Number
        && ParentHash == other.ParentHash
        && Beneficiary == other.Beneficiary
        && Timestamp == other.Timestamp
        && GasLimit == other.GasLimit
        && BaseFee == other.BaseFee
        && Difficulty == other.Difficulty
        && PrevRandao == other.PrevRandao
        && ParentBeaconBlockRoot == other.ParentBeaconBlockRoot
        && ExtraData.Span.SequenceEqual(other.ExtraData.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Number, ParentHash, Timestamp);
}
