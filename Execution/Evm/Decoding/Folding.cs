using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>Operations on constants, done when a code is decoded.</summary>
internal static class Folding
{
    /// <summary>
    /// The result of an operation on two constants, the first operand first; for a shift that is the value. False if it
    /// is not one that code computes from constants.
    /// </summary>
    public static bool TryFold(OpCode code, in UInt256 first, in UInt256 second, out UInt256 result)
    {
        result = default;
        switch (code)
        {
            case OpCode.Add: UInt256.Add(first, second, out result); return true;
            case OpCode.Sub: UInt256.Subtract(first, second, out result); return true;
            case OpCode.Mul: UInt256.Multiply(first, second, out result); return true;
            case OpCode.And: UInt256.And(first, second, out result); return true;
            case OpCode.Or: UInt256.Or(first, second, out result); return true;
            case OpCode.Not: UInt256.Not(first, out result); return true;
            case OpCode.IsZero: result = first.IsZero ? 1 : 0; return true;
            case OpCode.ShiftLeft: UInt256.ShiftLeft(first, second, out result); return true;
            case OpCode.ShiftRight: UInt256.ShiftRight(first, second, out result); return true;
            default: return false;
        }
    }
}
