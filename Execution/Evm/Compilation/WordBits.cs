using System.Reflection.Emit;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// Emits bit operations on words in variables: and, or, xor and not by limb, shifts and the like by constant counts.
/// What a mask or shift does to a limb is decided when the region is compiled.
/// </summary>
internal sealed class WordBits(IlWriter il)
{
    public Word And(Word a, Word b) => PerLimb(a, b, AndLimbs);

    public Word Or(Word a, Word b) => PerLimb(a, b, OrLimbs);

    public Word Xor(Word a, Word b) => PerLimb(a, b, XorLimbs);

    public Word Not(Word a)
    {
        var result = new Limb[4];
        for (var i = 0; i < 4; i++)
        {
            result[i] = NotLimb(a[i]);
        }

        return new Word(result);
    }

    /// <summary>Shifts left by a constant count below 256.</summary>
    public Word ShiftLeft(Word a, int count)
    {
        var (limbs, bits) = (count >> 6, count & 63);
        var result = new Limb[4];
        for (var i = 0; i < 4; i++)
        {
            result[i] = Funnel(At(a, i - limbs), At(a, i - limbs - 1), bits);
        }

        return new Word(result);
    }

    /// <summary>Shifts right by a constant count below 256.</summary>
    public Word ShiftRight(Word a, int count)
    {
        var (limbs, bits) = (count >> 6, count & 63);
        var result = new Limb[4];
        for (var i = 0; i < 4; i++)
        {
            var (low, high) = (At(a, i + limbs), At(a, i + limbs + 1));
            result[i] = bits == 0 ? low : Funnel(high, low, 64 - bits);
        }

        return new Word(result);
    }

    /// <summary>Shifts right by a constant count below 256, filling with the sign.</summary>
    public Word ShiftRightSigned(Word a, int count)
    {
        if (a.IsPositive)
        {
            return ShiftRight(a, count);
        }

        if (a.IsConstant)
        {
            UInt256.Sar(a.Value, count, out var shifted);
            return Word.Constant(shifted);
        }

        var (limbs, bits) = (count >> 6, count & 63);
        var sign = il.Shift(OpCodes.Shr, a[3], 63, ulong.MaxValue);
        var result = new Limb[4];
        for (var i = 0; i < 4; i++)
        {
            var low = i + limbs < 4 ? a[i + limbs] : sign;
            var high = i + limbs + 1 < 4 ? a[i + limbs + 1] : sign;
            result[i] = bits == 0 ? low : Funnel(high, low, 64 - bits);
        }

        return new Word(result);
    }

    /// <summary>The byte with a constant index below 32, the most significant one first.</summary>
    public Word ByteAt(Word a, int index)
    {
        var limb = a[3 - (index >> 3)];
        var shift = 56 - ((index & 7) * 8);
        if (limb.IsConstant)
        {
            return new Word(Limb.Constant((limb.Value >> shift) & 0xFF));
        }

        var shifted = shift == 0 ? limb : il.Shift(OpCodes.Shr_Un, limb, shift, limb.Max >> shift);
        return new Word(AndLimbs(shifted, Limb.Constant(0xFF)));
    }

    /// <summary>Extends the sign of the byte with a constant index below 31, the least significant one first.</summary>
    public Word SignExtend(Word a, int index)
    {
        if (a.IsConstant)
        {
            UInt256.SignExtend((ulong)index, a.Value, out var extended);
            return Word.Constant(extended);
        }

        var (limb, shift) = (index >> 3, 56 - ((index & 7) * 8));
        var result = new Limb[4];
        for (var i = 0; i < limb; i++)
        {
            result[i] = a[i];
        }

        result[limb] = shift == 0 ? a[limb] : Extend(a[limb], shift);
        var sign = il.Shift(OpCodes.Shr, result[limb], 63, ulong.MaxValue);
        result.AsSpan(limb + 1).Fill(sign);
        return new Word(result);
    }

    private static Limb At(Word a, int index) => index is >= 0 and < 4 ? a[index] : Limb.Zero;

    // All ones up to the highest bit of a limb's largest value.
    private static ulong Fill(ulong max) =>
        max == 0 ? 0 : ulong.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(max);

    private Limb Extend(in Limb limb, int shift)
    {
        il.Push(limb);
        il.Integer(shift);
        il.Op(OpCodes.Shl);
        il.Integer(shift);
        il.Op(OpCodes.Shr);
        return il.Keep();
    }

    // The upper limb shifted left by 0 to 63, filled from below.
    private Limb Funnel(in Limb high, in Limb low, int count)
    {
        if (count == 0)
        {
            return high;
        }

        var upper = ShiftLimb(OpCodes.Shl, high, count);
        var lower = ShiftLimb(OpCodes.Shr_Un, low, 64 - count);
        return OrLimbs(upper, lower);
    }

    private Limb ShiftLimb(OpCode op, in Limb limb, int count)
    {
        var isLeft = op == OpCodes.Shl;
        if (limb.IsConstant)
        {
            return Limb.Constant(isLeft ? limb.Value << count : limb.Value >> count);
        }

        var max = !isLeft ? limb.Max >> count
            : limb.Max > ulong.MaxValue >> count ? ulong.MaxValue : limb.Max << count;
        return max == 0 ? Limb.Zero : il.Shift(op, limb, count, max);
    }

    private Word PerLimb(Word a, Word b, Func<Limb, Limb, Limb> operation)
    {
        var result = new Limb[4];
        for (var i = 0; i < 4; i++)
        {
            result[i] = operation(a[i], b[i]);
        }

        return new Word(result);
    }

    private Limb AndLimbs(Limb x, Limb y)
    {
        if (x.IsConstant && y.IsConstant)
        {
            return Limb.Constant(x.Value & y.Value);
        }

        if (x.IsZero || y.IsZero)
        {
            return Limb.Zero;
        }

        if (IsMaskFor(y, x) || x.IsSame(y))
        {
            return x;
        }

        return IsMaskFor(x, y) ? y : il.Binary(OpCodes.And, x, y, Math.Min(x.Max, y.Max));
    }

    // Whether a constant keeps all bits that the other limb can have.
    private static bool IsMaskFor(in Limb mask, in Limb limb) =>
        mask.IsConstant && (Fill(limb.Max) & ~mask.Value) == 0;

    private Limb OrLimbs(Limb x, Limb y)
    {
        if (x.IsConstant && y.IsConstant)
        {
            return Limb.Constant(x.Value | y.Value);
        }

        if (x.IsZero || x.IsSame(y))
        {
            return y;
        }

        return y.IsZero ? x
            : x.IsOnes ? x
            : y.IsOnes ? y
            : il.Binary(OpCodes.Or, x, y, Fill(x.Max) | Fill(y.Max));
    }

    private Limb XorLimbs(Limb x, Limb y)
    {
        if (x.IsConstant && y.IsConstant)
        {
            return Limb.Constant(x.Value ^ y.Value);
        }

        return x.IsZero ? y
            : y.IsZero ? x
            : x.IsSame(y) ? Limb.Zero
            : il.Binary(OpCodes.Xor, x, y, Fill(x.Max) | Fill(y.Max));
    }

    private Limb NotLimb(in Limb x)
    {
        if (x.IsConstant)
        {
            return Limb.Constant(~x.Value);
        }

        il.Push(x);
        il.Op(OpCodes.Not);
        return il.Keep();
    }
}
