using System.Buffers.Binary;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Blocks;

/// <summary>
/// Reads headers field by field. The reader keeps its first failure, so that it is named once, at the end.
/// </summary>
internal static class BlockHeaderDecoder
{
    /// <inheritdoc cref="BlockHeader.TryDecode"/>
    public static BlockDecodeError TryDecode(ReadOnlySpan<byte> rlp, out BlockHeader? header)
    {
        header = null;
        var outer = new RlpReader(rlp);
        if (!outer.TryReadList(out var fields) || !outer.TryFinish())
        {
            return Name(outer.Error);
        }

        var decoded = ReadFields(ref fields);
        if (!fields.TryFinish())
        {
            return Name(fields.Error);
        }

        header = decoded;
        return BlockDecodeError.None;
    }

    /// <summary>The error of this layer for one of the reader.</summary>
    public static BlockDecodeError Name(RlpError error) => error switch
    {
        RlpError.UnexpectedEnd => BlockDecodeError.MissingFields,
        RlpError.TrailingData => BlockDecodeError.TrailingData,
        RlpError.WrongSize => BlockDecodeError.WrongSize,
        RlpError.IntegerTooLarge => BlockDecodeError.IntegerTooLarge,
        _ => BlockDecodeError.MalformedRlp,
    };

    /// <summary>Reads all fields in the order of the encoding; after a failure the rest reads as zeroes.</summary>
    private static BlockHeader ReadFields(ref RlpReader fields) => new()
    {
        ParentHash = Hash(ref fields),
        OmmersHash = Hash(ref fields),
        Beneficiary = fields.TryReadAddress(out var beneficiary) ? beneficiary : default,
        StateRoot = Hash(ref fields),
        TransactionsRoot = Hash(ref fields),
        ReceiptsRoot = Hash(ref fields),
        LogsBloom = fields.TryReadBytes(BlockHeader.LogsBloomLength, out var bloom)
            ? bloom.ToArray()
            : new byte[BlockHeader.LogsBloomLength],
        Difficulty = fields.TryReadUInt256(out var difficulty) ? difficulty : default,
        Number = Number(ref fields),
        GasLimit = Number(ref fields),
        GasUsed = Number(ref fields),
        Timestamp = Number(ref fields),
        ExtraData = fields.TryReadBytes(out var extraData) ? extraData.ToArray() : default,
        MixHash = Hash(ref fields),
        Nonce = fields.TryReadBytes(8, out var nonce) ? BinaryPrimitives.ReadUInt64BigEndian(nonce) : 0,
        BaseFeePerGas = HasMore(fields) && fields.TryReadUInt256(out var baseFee) ? baseFee : null,
        WithdrawalsRoot = HasMore(fields) ? Hash(ref fields) : null,
        BlobGasUsed = HasMore(fields) ? Number(ref fields) : null,
        ExcessBlobGas = HasMore(fields) ? Number(ref fields) : null,
        ParentBeaconBlockRoot = HasMore(fields) ? Hash(ref fields) : null,
        RequestsHash = HasMore(fields) ? Hash(ref fields) : null,
    };

    private static bool HasMore(in RlpReader fields) => fields.Remaining > 0 && fields.Error == RlpError.None;

    private static Hash256 Hash(ref RlpReader fields) => fields.TryReadHash256(out var value) ? value : default;

    private static ulong Number(ref RlpReader fields) => fields.TryReadUInt64(out var value) ? value : 0;
}
