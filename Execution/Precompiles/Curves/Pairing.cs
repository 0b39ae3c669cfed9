using System.Buffers;
using System.Diagnostics;
using Fragcast.Execution.Precompiles.Curves.Lanes;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>What distinguishes the optimal ate pairings of curves of embedding degree 12 with a sextic twist.</summary>
internal interface IPairingCurve<TField, TTower>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
{
    /// <summary>Signed binary digits of the loop count's magnitude, most significant first; the first is 1.</summary>
    static abstract ReadOnlySpan<sbyte> LoopDigits { get; }

    /// <summary>Whether the loop count is negative.</summary>
    static abstract bool IsLoopNegative { get; }

    /// <summary>Whether the loop is followed by lines through π(Q) and −π²(Q), as on BN curves.</summary>
    static abstract bool HasFrobeniusLines { get; }

    /// <summary>Whether the twist is y² = x³ + b / ξ; else it is y² = x³ + b · ξ.</summary>
    static abstract bool IsTwistDivisive { get; }

    /// <summary>b of the twist.</summary>
    static abstract Fp2<TField> TwistB { get; }

    /// <summary>The hard part of the final exponentiation, up to a factor prime to the group's order.</summary>
    static abstract void FinishExponentiation<TTarget>(in TTarget f, out TTarget r)
        where TTarget : unmanaged, IPairingTarget<TTarget, TField, TTower>;
}

/// <summary>A pair of points, neither at infinity, whose pairing enters a product.</summary>
internal struct PairingInput<TField>
    where TField : unmanaged, IPrimeField<TField>
{
    public TField Px;
    public TField Py;
    public Fp2<TField> Qx;
    public Fp2<TField> Qy;
}

/// <summary>A pair of which the second point is fixed: the lines of its Miller loop were computed before.</summary>
internal struct PreparedPair<TField>
    where TField : unmanaged, IPrimeField<TField>
{
    public TField Px;
    public TField Py;
    public TwistLine<TField>[] Lines;
}

/// <summary>
/// Products of optimal ate pairings. What happens in Fp12, two thirds of the work, runs in vectors where the processor
/// has them.
/// </summary>
internal static class Pairing<TField, TTower, TCurve, TShape>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
    where TCurve : struct, IPairingCurve<TField, TTower>
    where TShape : struct, ILaneShape
{
    private static readonly Fp2<TField>[] TwistFactors = ComputeTwistFactors();

    /// <summary>
    /// Multiplies <paramref name="product"/> by the Miller functions of all pairs, which share the squarings, up to a
    /// factor in the prime field, which disappears in the final exponentiation. The loops also show whether the second
    /// points, which must be points of the twist, are in the group.
    /// </summary>
    /// <returns>False if a second point is not in the group of order r; the product is then void.</returns>
    public static bool TryAddMillerLoops(
        ReadOnlySpan<PairingInput<TField>> pairs, ref Fp12<TField, TTower> product) =>
        LaneFp12<TField, TTower, TShape>.IsSupported
            ? TryAddMillerLoops<LaneFp12<TField, TTower, TShape>>(pairs, ref product)
            : TryAddMillerLoops<Fp12<TField, TTower>>(pairs, ref product);

    /// <summary>
    /// Multiplies <paramref name="product"/> by the Miller functions of pairs whose second points were prepared.
    /// </summary>
    public static void AddMillerLoops(ReadOnlySpan<PreparedPair<TField>> pairs, ref Fp12<TField, TTower> product)
    {
        if (LaneFp12<TField, TTower, TShape>.IsSupported)
        {
            AddMillerLoops<LaneFp12<TField, TTower, TShape>>(pairs, ref product);
        }
        else
        {
            AddMillerLoops<Fp12<TField, TTower>>(pairs, ref product);
        }
    }

    /// <summary>Whether the product of Miller functions stands for the neutral element.</summary>
    public static bool IsOne(in Fp12<TField, TTower> product) => LaneFp12<TField, TTower, TShape>.IsSupported
        ? IsOne<LaneFp12<TField, TTower, TShape>>(product)
        : IsOne<Fp12<TField, TTower>>(product);

    /// <summary>The lines of a point's Miller loop in the order in which they are taken.</summary>
    public static TwistLine<TField>[] Prepare(in Fp2<TField> x, in Fp2<TField> y)
    {
        Debug.Assert(!TCurve.HasFrobeniusLines, "the lines after the loop are not among them");
        var lines = new List<TwistLine<TField>>();
        var runner = new TwistRunner<TField>(x, y);
        foreach (var digit in TCurve.LoopDigits[1..])
        {
            runner.Double(TCurve.TwistB, out var line);
            lines.Add(line);
            if (digit != 0)
            {
                AddDigit(ref runner, x, y, digit, out line);
                lines.Add(line);
            }
        }

        return [.. lines];
    }

    /// <summary>The endomorphism of the twist that comes from raising to the power p: x and y are replaced.</summary>
    public static void TwistFrobenius(ref Fp2<TField> x, ref Fp2<TField> y)
    {
        Fp2<TField>.Conjugate(x, out x);
        Fp2<TField>.Conjugate(y, out y);
        Fp2<TField>.Multiply(x, TwistFactors[0], out x);
        Fp2<TField>.Multiply(y, TwistFactors[1], out y);
    }

    internal static bool TryAddMillerLoops<TTarget>(
        ReadOnlySpan<PairingInput<TField>> pairs, ref Fp12<TField, TTower> product)
        where TTarget : unmanaged, IPairingTarget<TTarget, TField, TTower>
    {
        Debug.Assert(TCurve.LoopDigits[0] == 1, "the loop starts at Q itself");
        var runners = ArrayPool<TwistRunner<TField>>.Shared.Rent(pairs.Length);
        for (var i = 0; i < pairs.Length; i++)
        {
            runners[i] = new TwistRunner<TField>(pairs[i].Qx, pairs[i].Qy);
        }

        TTarget.From(Fp12<TField, TTower>.One, out var f);
        foreach (var digit in TCurve.LoopDigits[1..])
        {
            TTarget.Square(f, out f);
            for (var i = 0; i < pairs.Length; i++)
            {
                ref readonly var pair = ref pairs[i];
                runners[i].Double(TCurve.TwistB, out var line);
                MultiplyByLine(line, pair.Px, pair.Py, ref f);
                if (digit != 0)
                {
                    AddDigit(ref runners[i], pair.Qx, pair.Qy, digit, out line);
                    MultiplyByLine(line, pair.Px, pair.Py, ref f);
                }
            }
        }

        if (TCurve.IsLoopNegative)
        {
            TTarget.Conjugate(f, out f);
        }

        var areInGroup = true;
        for (var i = 0; i < pairs.Length; i++)
        {
            if (TCurve.HasFrobeniusLines)
            {
                AddFrobeniusLines(ref runners[i], pairs[i], ref f);
            }

            areInGroup &= IsEndOfGroup(runners[i], pairs[i]);
        }

        ArrayPool<TwistRunner<TField>>.Shared.Return(runners);
        MultiplyInto(f, ref product);
        return areInGroup;
    }

    internal static void AddMillerLoops<TTarget>(
        ReadOnlySpan<PreparedPair<TField>> pairs, ref Fp12<TField, TTower> product)
        where TTarget : unmanaged, IPairingTarget<TTarget, TField, TTower>
    {
        TTarget.From(Fp12<TField, TTower>.One, out var f);
        var next = 0;
        foreach (var digit in TCurve.LoopDigits[1..])
        {
            TTarget.Square(f, out f);
            for (var i = digit == 0 ? 1 : 0; i < 2; i++, next++)
            {
                foreach (ref readonly var pair in pairs)
                {
                    MultiplyByLine(pair.Lines[next], pair.Px, pair.Py, ref f);
                }
            }
        }

        if (TCurve.IsLoopNegative)
        {
            TTarget.Conjugate(f, out f);
        }

        MultiplyInto(f, ref product);
    }

    internal static bool IsOne<TTarget>(in Fp12<TField, TTower> product)
        where TTarget : unmanaged, IPairingTarget<TTarget, TField, TTower>
    {
        // Easy part, to (p⁶ − 1)(p² + 1).
        Fp12<TField, TTower>.Invert(product, out var inverse);
        TTarget.From(product, out var f);
        TTarget.From(inverse, out var divisor);
        TTarget.Conjugate(f, out f);
        TTarget.Multiply(f, divisor, out f);
        TTarget.Frobenius(f, out var power);
        TTarget.Frobenius(power, out power);
        TTarget.Multiply(power, f, out f);
        TCurve.FinishExponentiation(f, out f);
        TTarget.To(f, out var result);
        return result.IsOne;
    }

    private static void MultiplyInto<TTarget>(in TTarget f, ref Fp12<TField, TTower> product)
        where TTarget : unmanaged, IPairingTarget<TTarget, TField, TTower>
    {
        TTarget.To(f, out var factor);
        Fp12<TField, TTower>.Multiply(product, factor, out product);
    }

    // Powers of ξ that remain of w² and w³, by which the twist is left and entered again.
    private static Fp2<TField>[] ComputeTwistFactors()
    {
        var powers = Frobenius<TField, TTower>.Powers;
        var factors = new[] { powers[2], powers[3] };
        for (var i = 0; i < factors.Length && !TCurve.IsTwistDivisive; i++)
        {
            Fp2<TField>.Invert(factors[i], out factors[i]);
        }

        return factors;
    }

    private static void AddDigit(
        ref TwistRunner<TField> runner, in Fp2<TField> x, in Fp2<TField> y, int digit, out TwistLine<TField> line)
    {
        if (digit > 0)
        {
            runner.Add(x, y, out line);
            return;
        }

        FieldOperations.Negate(y, out var negative);
        runner.Add(x, negative, out line);
    }

    private static void AddFrobeniusLines<TTarget>(
        ref TwistRunner<TField> runner, in PairingInput<TField> pair, ref TTarget f)
        where TTarget : unmanaged, IPairingTarget<TTarget, TField, TTower>
    {
        var (x, y) = (pair.Qx, pair.Qy);
        TwistFrobenius(ref x, ref y);
        runner.Add(x, y, out var line);
        MultiplyByLine(line, pair.Px, pair.Py, ref f);
        TwistFrobenius(ref x, ref y);
        FieldOperations.Negate(y, out y);
        runner.Add(x, y, out line);
        MultiplyByLine(line, pair.Px, pair.Py, ref f);
    }

    // Where the loop leaves points of the group: at −ψ(Q) on BLS12-381, since x·Q = ψ(Q) with x negative, and at
    // −ψ³(Q) on bn254, since (6x + 2)·Q + ψ(Q) − ψ²(Q) + ψ³(Q) = 0. These hold for no other points of the twist: the
    // norms of the two polynomials in ψ are prime to the twist's cofactor (El Housni, Guillevic and Piellard,
    // "Co-factor clearing and subgroup membership testing on pairing-friendly curves", 2022).
    private static bool IsEndOfGroup(in TwistRunner<TField> runner, in PairingInput<TField> pair)
    {
        var (x, y) = (pair.Qx, pair.Qy);
        for (var i = 0; i < (TCurve.HasFrobeniusLines ? 3 : 1); i++)
        {
            TwistFrobenius(ref x, ref y);
        }

        FieldOperations.Negate(y, out y);
        return runner.IsAt(x, y);
    }

    private static void MultiplyByLine<TTarget>(
        in TwistLine<TField> line, in TField x, in TField y, ref TTarget f)
        where TTarget : unmanaged, IPairingTarget<TTarget, TField, TTower>
    {
        Fp2<TField>.Scale(line.Slope, x, out var bySlope);
        Fp2<TField>.Scale(line.Factor, y, out var byFactor);
        if (TCurve.IsTwistDivisive)
        {
            TTarget.MultiplyBy034(f, byFactor, bySlope, line.Constant, out f);
        }
        else
        {
            TTarget.MultiplyBy014(f, line.Constant, bySlope, byFactor, out f);
        }
    }
}
