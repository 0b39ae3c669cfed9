using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>Bodies of instructions that push a fact about the frame, the transaction or the block.</summary>
internal static unsafe class ContextOps
{
    public static long Address(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.SelfAddress.ToUInt256();
        return gas;
    }

    public static long Origin(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Machine.Transaction.Origin.ToUInt256();
        return gas;
    }

    public static long Caller(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Caller.ToUInt256();
        return gas;
    }

    public static long CallValue(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Value;
        return gas;
    }

    public static long CallDataSize(Frame frame, UInt256* sp, long gas)
    {
        Words.Set(sp + 1, (uint)frame.InputLength);
        return gas;
    }

    public static long CodeSize(Frame frame, UInt256* sp, long gas)
    {
        Words.Set(sp + 1, (uint)frame.CodeLength);
        return gas;
    }

    public static long GasPrice(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Machine.Transaction.GasPrice;
        return gas;
    }

    public static long ReturnDataSize(Frame frame, UInt256* sp, long gas)
    {
        Words.Set(sp + 1, (uint)frame.ReturnDataLength);
        return gas;
    }

    /// <summary>Hashes of the 256 blocks before the current one; zero for others.</summary>
    public static long BlockHash(Frame frame, UInt256* sp, long gas)
    {
        var block = frame.Machine.Block;
        var number = block.Number;
        var isRecent = sp->FitsUInt64 && sp->U0 < number && number - sp->U0 <= 256;
        *sp = isRecent && block.BlockHashes is { } hashes ? hashes.HashOf(sp->U0).ToUInt256() : UInt256.Zero;
        return gas;
    }

    public static long Coinbase(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Machine.Block.Coinbase.ToUInt256();
        return gas;
    }

    public static long Timestamp(Frame frame, UInt256* sp, long gas)
    {
        Words.Set(sp + 1, frame.Machine.Block.Timestamp);
        return gas;
    }

    public static long Number(Frame frame, UInt256* sp, long gas)
    {
        Words.Set(sp + 1, frame.Machine.Block.Number);
        return gas;
    }

    public static long PrevRandao(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Machine.Block.PrevRandao;
        return gas;
    }

    public static long GasLimit(Frame frame, UInt256* sp, long gas)
    {
        Words.Set(sp + 1, frame.Machine.Block.GasLimit);
        return gas;
    }

    public static long ChainId(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Machine.Block.ChainId;
        return gas;
    }

    public static long BaseFee(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Machine.Block.BaseFee;
        return gas;
    }

    /// <summary>EIP-4844: zero past the last blob.</summary>
    public static long BlobHash(Frame frame, UInt256* sp, long gas)
    {
        var hashes = frame.Machine.Transaction.BlobHashes.Span;
        *sp = sp->FitsUInt64 && sp->U0 < (ulong)hashes.Length ? hashes[(int)sp->U0].ToUInt256() : UInt256.Zero;
        return gas;
    }

    public static long BlobBaseFee(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Machine.Block.BlobBaseFee;
        return gas;
    }

    public static long MSize(Frame frame, UInt256* sp, long gas)
    {
        Words.Set(sp + 1, frame.MemorySize);
        return gas;
    }
}
