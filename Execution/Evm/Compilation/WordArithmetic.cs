using System.Reflection;
using System.Reflection.Emit;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// Emits arithmetic and comparisons on words in variables. Carries that can't be, and limbs that are known to be zero,
/// cost nothing.
/// </summary>
internal sealed class WordArithmetic(IlWriter il)
{
    private static readonly MethodInfo MultiplyHigh =
        typeof(RegionSupport).GetMethod(nameof(RegionSupport.MultiplyHigh))!;

    public Word Add(Word a, Word b)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return Word.Constant(a.Value + b.Value);
        }

        var sum = new Limb[4];
        var carry = Limb.Zero;
        for (var i = 0; i < 4; i++)
        {
            var (part, first) = AddLimbs(a[i], b[i], i < 3);
            (sum[i], var second) = AddLimbs(part, carry, i < 3);
            carry = Either(first, second);
        }

        return new Word(sum);
    }

    public Word Subtract(Word a, Word b)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return Word.Constant(a.Value - b.Value);
        }

        var difference = new Limb[4];
        var borrow = Limb.Zero;
        for (var i = 0; i < 4; i++)
        {
            var (part, first) = SubtractLimbs(a[i], b[i], i < 3);
            (difference[i], var second) = SubtractLimbs(part, borrow, i < 3);
            borrow = Either(first, second);
        }

        return new Word(difference);
    }

    /// <summary>The product, or null when it is to be computed by the general routine.</summary>
    public Word? TryMultiply(Word a, Word b)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return Word.Constant(a.Value * b.Value);
        }

        if (a.IsZero || b.IsZero)
        {
            return new Word(Limb.Zero);
        }

        if (!a.IsSmall || !b.IsSmall)
        {
            return null;
        }

        var highMax = Math.BigMul(a[0].Max, b[0].Max, out var lowMax);
        var low = il.Binary(OpCodes.Mul, a[0], b[0], highMax == 0 ? lowMax : ulong.MaxValue);
        if (highMax == 0)
        {
            return new Word(low);
        }

        il.Push(a[0]);
        il.Push(b[0]);
        il.Call(MultiplyHigh);
        return new Word(low, il.Keep(highMax), Limb.Zero, Limb.Zero);
    }

    /// <summary>Quotient or remainder of small words by a divisor that is no constant zero, or null.</summary>
    public Word? TryDivide(Word a, Word b, bool remainder)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return Word.Constant(remainder ? a.Value % b.Value : a.Value / b.Value);
        }

        if (!a.IsSmall || !b.IsSmall)
        {
            return null;
        }

        if (b[0].IsZero)
        {
            return new Word(Limb.Zero);
        }

        var op = remainder ? OpCodes.Rem_Un : OpCodes.Div_Un;
        if (b[0].IsConstant)
        {
            return new Word(il.Binary(op, a[0], b[0], remainder ? b[0].Value - 1 : a[0].Max / b[0].Value));
        }

        var (isZero, end) = (il.NewLabel(), il.NewLabel());
        il.Push(b[0]);
        il.Branch(OpCodes.Brfalse, isZero);
        il.Push(a[0]);
        il.Push(b[0]);
        il.Op(op);
        il.Branch(OpCodes.Br, end);
        il.Mark(isZero);
        il.Long(0);
        il.Mark(end);
        return new Word(il.Keep(a[0].Max));
    }

    /// <summary>Whether a is below b: 0 or 1.</summary>
    public Word Less(Word a, Word b) => a.IsConstant && b.IsConstant
        ? Flag(a.Value < b.Value)
        : new Word(LessLimb(a, b, isSigned: false));

    /// <summary>Whether a is below b as two's complement numbers: 0 or 1.</summary>
    public Word SignedLess(Word a, Word b)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return Flag(UInt256.SLessThan(a.Value, b.Value));
        }

        if (b.IsZero)
        {
            return new Word(il.Shift(OpCodes.Shr_Un, a[3], 63, 1));
        }

        return new Word(LessLimb(a, b, isSigned: !a.IsPositive || !b.IsPositive));
    }

    public Word AreEqual(Word a, Word b)
    {
        if (a.IsConstant && b.IsConstant)
        {
            return Flag(a.Value == b.Value);
        }

        var different = Enumerable.Range(0, 4).Where(i => !a[i].IsSame(b[i])).ToArray();
        if (different is [var single])
        {
            return new Word(il.Compare(OpCodes.Ceq, a[single], b[single]));
        }

        var joined = Limb.Zero;
        foreach (var i in different)
        {
            var difference = a[i].IsZero ? b[i] : b[i].IsZero ? a[i] : il.Binary(OpCodes.Xor, a[i], b[i]);
            joined = joined.IsZero ? difference : il.Binary(OpCodes.Or, joined, difference);
        }

        return joined.IsZero ? Flag(true) : new Word(il.Compare(OpCodes.Ceq, joined, Limb.Zero));
    }

    public Word IsZero(Word a) => a.IsConstant
        ? Flag(a.Value.IsZero)
        : new Word(il.Compare(OpCodes.Ceq, Join(a, 0), Limb.Zero));

    /// <summary>The limbs from an index on, joined by or: zero if and only if all of them are.</summary>
    public Limb Join(Word a, int from)
    {
        var joined = Limb.Zero;
        for (var i = from; i < 4; i++)
        {
            if (!a[i].IsZero)
            {
                joined = joined.IsZero ? a[i] : il.Binary(OpCodes.Or, joined, a[i]);
            }
        }

        return joined;
    }

    private static Word Flag(bool value) => new(Limb.Constant(value ? 1UL : 0));

    // From the lowest limb up: a limb decides unless it is equal, in which case the ones below do.
    private Limb LessLimb(Word a, Word b, bool isSigned)
    {
        if (!isSigned && b.IsSmall && !a.IsSmall)
        {
            var none = il.Compare(OpCodes.Ceq, Join(a, 1), Limb.Zero);
            return il.Binary(OpCodes.And, none, il.Compare(OpCodes.Clt_Un, a[0], b[0]), 1);
        }

        if (!isSigned && a.IsSmall && !b.IsSmall)
        {
            var any = il.Compare(OpCodes.Cgt_Un, Join(b, 1), Limb.Zero);
            return il.Binary(OpCodes.Or, any, il.Compare(OpCodes.Clt_Un, a[0], b[0]), 1);
        }

        var less = a[0].IsSame(b[0]) || b[0].IsZero ? Limb.Zero : il.Compare(OpCodes.Clt_Un, a[0], b[0]);
        for (var i = 1; i < 4; i++)
        {
            if (a[i].IsSame(b[i]))
            {
                continue;
            }

            var equal = il.Compare(OpCodes.Ceq, a[i], b[i]);
            var below = il.Compare(isSigned && i == 3 ? OpCodes.Clt : OpCodes.Clt_Un, a[i], b[i]);
            less = less.IsZero ? below : Either(below, il.Binary(OpCodes.And, equal, less, 1));
        }

        return less;
    }

    private (Limb Sum, Limb Carry) AddLimbs(in Limb x, in Limb y, bool needsCarry)
    {
        if (y.IsZero)
        {
            return (x, Limb.Zero);
        }

        if (x.IsZero)
        {
            return (y, Limb.Zero);
        }

        var mayOverflow = x.Max > ulong.MaxValue - y.Max;
        if (x.IsConstant && y.IsConstant)
        {
            return (Limb.Constant(unchecked(x.Value + y.Value)), Limb.Constant(mayOverflow ? 1UL : 0));
        }

        var sum = il.Binary(OpCodes.Add, x, y, mayOverflow ? ulong.MaxValue : x.Max + y.Max);
        var carry = needsCarry && mayOverflow ? il.Compare(OpCodes.Clt_Un, sum, y) : Limb.Zero;
        return (sum, carry);
    }

    private (Limb Difference, Limb Borrow) SubtractLimbs(in Limb x, in Limb y, bool needsBorrow)
    {
        if (y.IsZero)
        {
            return (x, Limb.Zero);
        }

        if (x.IsConstant && y.IsConstant)
        {
            return (Limb.Constant(unchecked(x.Value - y.Value)), Limb.Constant(x.Value < y.Value ? 1UL : 0));
        }

        if (x.IsSame(y))
        {
            return (Limb.Zero, Limb.Zero);
        }

        var difference = il.Binary(OpCodes.Sub, x, y);
        return (difference, needsBorrow ? il.Compare(OpCodes.Clt_Un, x, y) : Limb.Zero);
    }

    private Limb Either(in Limb x, in Limb y) =>
        x.IsZero ? y : y.IsZero ? x
        : x.IsConstant && y.IsConstant ? Limb.Constant(x.Value | y.Value)
        : il.Binary(OpCodes.Or, x, y, 1);
}
