namespace Fragcast.Primitives.Messages;

/// <summary>
/// Where the fields of the messages lie in their SSZ encoding. All numbers are little-endian; an offset counts from the
/// message's first byte and says where the variable part starts, which is always right after the fixed part.
/// </summary>
/// <remarks>
/// <code>
/// EnvV0           FragV0                      SealV0
///   0 number        0 blockNumber               0 totalFrags
///   8 parentHash    8 seq                       8 blockNumber
///  40 beneficiary  16 isLast                   16 gasUsed
///  60 timestamp    17 blobGasUsed *            24 gasLimit
///  68 gasLimit     25 offset of txs (17)       32 parentHash
///  76 basefee      29 txs (21)                 64 transactionsRoot
///  84 difficulty      +0 offset table,         96 receiptsRoot
/// 116 prevrandao         4 bytes for each,    128 stateRoot
/// 148 offset of ext      counted from +0      160 blockHash
/// 152 parentBeacon…   +n transactions,        192 blobGasUsed *
/// 184 extraData          back to back         200 end (192)
///
/// CancelV0        HandOverV0
///   0 blockNumber   0 number
///   8 parentHash    8 parentHash
///  40 fromSeq      40 lastSeq
///  48 reason       48 lastFragRoot
///  49 end          80 nextLeader
///                 100 pendingCount (u32)
///                 104 end
///
/// * only in revision V0WithBlobGas; numbers in parentheses are without it
/// </code>
/// </remarks>
internal static class MessageLayout
{
    /// <summary>Where an env's offset of the extra data lies.</summary>
    public const int EnvOffsetPosition = 8 + 32 + 20 + 8 + 8 + 8 + 32 + 32;

    /// <summary>Bytes of the fixed part of an env, its offset included.</summary>
    public const int EnvFixedLength = EnvOffsetPosition + 4 + 32;

    /// <summary>Most bytes of an env's extra data: List[u8, 256].</summary>
    public const int ExtraDataMax = 256;

    /// <summary>The limit of 256 bytes is 2^3 chunks.</summary>
    public const int ExtraDataDepth = 3;

    /// <summary>Most transactions of a frag: List[…, 2^20].</summary>
    public const int TransactionsMax = 1 << TransactionsDepth;

    /// <summary>The limit of 2^20 transactions as levels of a tree.</summary>
    public const int TransactionsDepth = 20;

    /// <summary>Most bytes of a transaction: ByteList[2^30].</summary>
    public const int TransactionLengthMax = 1 << 30;

    /// <summary>The limit of 2^30 bytes is 2^25 chunks.</summary>
    public const int TransactionDepth = 25;

    /// <summary>Bytes of a cancel.</summary>
    public const int CancelLength = 8 + 32 + 8 + 1;

    /// <summary>Bytes of a hand-over.</summary>
    public const int HandOverLength = 8 + 32 + 8 + 32 + 20 + 4;

    private const int FragHeadLength = 8 + 8 + 1;
    private const int SealHeadLength = (4 * 8) + (5 * 32);

    /// <summary>Bytes of the fixed part of a frag, its offset included.</summary>
    public static int FragFixedLength(MessageRevision revision) => FragHeadLength + BlobGasLength(revision) + 4;

    /// <summary>Bytes of a seal.</summary>
    public static int SealLength(MessageRevision revision) => SealHeadLength + BlobGasLength(revision);

    private static int BlobGasLength(MessageRevision revision) => revision == MessageRevision.V0WithBlobGas ? 8 : 0;
}
