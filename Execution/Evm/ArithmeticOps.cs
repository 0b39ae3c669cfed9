using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>Bodies of arithmetic instructions that are not in the loop of a tier.</summary>
internal static unsafe class ArithmeticOps
{
    public static long Div(Frame frame, UInt256* sp, long gas)
    {
        UInt256.Divide(sp[0], sp[-1], out sp[-1]);
        return gas;
    }

    public static long SDiv(Frame frame, UInt256* sp, long gas)
    {
        UInt256.SDiv(sp[0], sp[-1], out sp[-1]);
        return gas;
    }

    public static long Mod(Frame frame, UInt256* sp, long gas)
    {
        UInt256.Mod(sp[0], sp[-1], out sp[-1]);
        return gas;
    }

    public static long SMod(Frame frame, UInt256* sp, long gas)
    {
        UInt256.SMod(sp[0], sp[-1], out sp[-1]);
        return gas;
    }

    public static long AddMod(Frame frame, UInt256* sp, long gas)
    {
        UInt256.AddMod(sp[0], sp[-1], sp[-2], out sp[-2]);
        return gas;
    }

    public static long MulMod(Frame frame, UInt256* sp, long gas)
    {
        frame.Machine.Modulus.MulMod(sp[0], sp[-1], sp[-2], out sp[-2]);
        return gas;
    }

    /// <summary>EIP-160: the price of a byte of the exponent.</summary>
    public static long Exp(Frame frame, UInt256* sp, long gas)
    {
        gas -= frame.Machine.Spec.ExpByteGas * sp[-1].ByteLength;
        if (gas < 0)
        {
            return Fault.OutOfGas;
        }

        UInt256.Exp(sp[0], sp[-1], out sp[-1]);
        return gas;
    }

    public static long SignExtend(Frame frame, UInt256* sp, long gas)
    {
        UInt256.SignExtend(sp[0], sp[-1], out sp[-1]);
        return gas;
    }

    public static long Byte(Frame frame, UInt256* sp, long gas)
    {
        UInt256.ByteAt(sp[0], sp[-1], out sp[-1]);
        return gas;
    }

    /// <summary>EIP-7939: leading zero bits, 256 for zero.</summary>
    public static long Clz(Frame frame, UInt256* sp, long gas)
    {
        Words.Set(sp, (ulong)(256 - sp->BitLength));
        return gas;
    }
}
