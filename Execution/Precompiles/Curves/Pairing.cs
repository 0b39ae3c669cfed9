using System.Buffers;
using System.Diagnostics;
using System.Numerics;

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
    static abstract void FinishExponentiation(in Fp12<TField, TTower> f, out Fp12<TField, TTower> r);
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

/// <summary>
/// Products of optimal ate pairings. Lines by the homogeneous formulas of Costello, Lange and Naehrig ("Faster pairing
/// computations on curves with high-degree twists", 2010), as given by Aranha and others (2011).
/// </summary>
internal static class Pairing<TField, TTower, TCurve>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
    where TCurve : struct, IPairingCurve<TField, TTower>
{
    private static readonly Fp2<TField>[] TwistFactors = ComputeTwistFactors();

    /// <summary>
    /// Multiplies <paramref name="product"/> by the Miller functions of all pairs, which share the squarings.
    /// </summary>
    public static void AddMillerLoops(ReadOnlySpan<PairingInput<TField>> pairs, ref Fp12<TField, TTower> product)
    {
        Debug.Assert(TCurve.LoopDigits[0] == 1, "the loop starts at Q itself");
        var runners = ArrayPool<Runner>.Shared.Rent(pairs.Length);
        for (var i = 0; i < pairs.Length; i++)
        {
            runners[i] = new Runner { X = pairs[i].Qx, Y = pairs[i].Qy, Z = Fp2<TField>.One };
        }

        var f = Fp12<TField, TTower>.One;
        foreach (var digit in TCurve.LoopDigits[1..])
        {
            Fp12<TField, TTower>.Square(f, out f);
            for (var i = 0; i < pairs.Length; i++)
            {
                ref readonly var pair = ref pairs[i];
                Double(ref runners[i], pair, ref f);
                if (digit != 0)
                {
                    var y = pair.Qy;
                    if (digit < 0)
                    {
                        FieldOperations.Negate(y, out y);
                    }

                    Add(ref runners[i], pair, pair.Qx, y, ref f);
                }
            }
        }

        if (TCurve.IsLoopNegative)
        {
            Fp12<TField, TTower>.Conjugate(f, out f);
        }

        for (var i = 0; TCurve.HasFrobeniusLines && i < pairs.Length; i++)
        {
            AddFrobeniusLines(ref runners[i], pairs[i], ref f);
        }

        ArrayPool<Runner>.Shared.Return(runners);
        Fp12<TField, TTower>.Multiply(product, f, out product);
    }

    /// <summary>Whether the product of Miller functions stands for the neutral element.</summary>
    public static bool IsOne(in Fp12<TField, TTower> product)
    {
        // Easy part, to (p⁶ − 1)(p² + 1).
        Fp12<TField, TTower>.Invert(product, out var inverse);
        Fp12<TField, TTower>.Conjugate(product, out var f);
        Fp12<TField, TTower>.Multiply(f, inverse, out f);
        Fp12<TField, TTower>.Frobenius(f, out var power);
        Fp12<TField, TTower>.Frobenius(power, out power);
        Fp12<TField, TTower>.Multiply(power, f, out f);
        TCurve.FinishExponentiation(f, out f);
        return f.IsOne;
    }

    /// <summary>r = f^exponent for f of the cyclotomic subgroup.</summary>
    public static void CyclotomicPower(in Fp12<TField, TTower> f, ulong exponent, out Fp12<TField, TTower> r)
    {
        var result = f;
        for (var bit = 62 - BitOperations.LeadingZeroCount(exponent); bit >= 0; bit--)
        {
            Fp12<TField, TTower>.CyclotomicSquare(result, out result);
            if (((exponent >> bit) & 1) != 0)
            {
                Fp12<TField, TTower>.Multiply(result, f, out result);
            }
        }

        r = result;
    }

    /// <summary>The endomorphism of the twist that comes from raising to the power p: x and y are replaced.</summary>
    public static void TwistFrobenius(ref Fp2<TField> x, ref Fp2<TField> y)
    {
        Fp2<TField>.Conjugate(x, out x);
        Fp2<TField>.Conjugate(y, out y);
        Fp2<TField>.Multiply(x, TwistFactors[0], out x);
        Fp2<TField>.Multiply(y, TwistFactors[1], out y);
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

    private static void AddFrobeniusLines(
        ref Runner runner, in PairingInput<TField> pair, ref Fp12<TField, TTower> f)
    {
        var (x, y) = (pair.Qx, pair.Qy);
        TwistFrobenius(ref x, ref y);
        Add(ref runner, pair, x, y, ref f);
        TwistFrobenius(ref x, ref y);
        FieldOperations.Negate(y, out y);
        Add(ref runner, pair, x, y, ref f);
    }

    // runner = 2 · runner, f = f · (tangent at the runner, at P).
    private static void Double(ref Runner runner, in PairingInput<TField> pair, ref Fp12<TField, TTower> f)
    {
        Fp2<TField>.Multiply(runner.X, runner.Y, out var a);
        Fp2<TField>.Halve(a, out a);
        Fp2<TField>.Square(runner.Y, out var b);
        Fp2<TField>.Square(runner.Z, out var c);
        FieldOperations.Triple(c, out var e);
        Fp2<TField>.Multiply(e, TCurve.TwistB, out e);
        FieldOperations.Triple(e, out var e3);
        Fp2<TField>.Add(b, e3, out var g);
        Fp2<TField>.Halve(g, out g);
        Fp2<TField>.Add(runner.Y, runner.Z, out var h);
        Fp2<TField>.Square(h, out h);
        Fp2<TField>.Subtract(h, b, out h);
        Fp2<TField>.Subtract(h, c, out h);
        Fp2<TField>.Subtract(e, b, out var constant);
        Fp2<TField>.Square(runner.X, out var slope);
        FieldOperations.Triple(slope, out slope);
        Fp2<TField>.Square(e, out var ee);
        FieldOperations.Triple(ee, out ee);

        Fp2<TField>.Subtract(b, e3, out var t);
        Fp2<TField>.Multiply(a, t, out runner.X);
        Fp2<TField>.Square(g, out g);
        Fp2<TField>.Subtract(g, ee, out runner.Y);
        Fp2<TField>.Multiply(b, h, out runner.Z);
        FieldOperations.Negate(h, out h);
        MultiplyByLine(constant, slope, h, pair, ref f);
    }

    // runner = runner + (x, y), f = f · (line through both, at P).
    private static void Add(
        ref Runner runner,
        in PairingInput<TField> pair,
        in Fp2<TField> x,
        in Fp2<TField> y,
        ref Fp12<TField, TTower> f)
    {
        Fp2<TField>.Multiply(y, runner.Z, out var theta);
        Fp2<TField>.Subtract(runner.Y, theta, out theta);
        Fp2<TField>.Multiply(x, runner.Z, out var lambda);
        Fp2<TField>.Subtract(runner.X, lambda, out lambda);
        Fp2<TField>.Square(theta, out var c);
        Fp2<TField>.Square(lambda, out var d);
        Fp2<TField>.Multiply(lambda, d, out var e);
        Fp2<TField>.Multiply(runner.Z, c, out c);
        Fp2<TField>.Multiply(runner.X, d, out var g);
        Fp2<TField>.Add(e, c, out var h);
        Fp2<TField>.Subtract(h, g, out h);
        Fp2<TField>.Subtract(h, g, out h);
        Fp2<TField>.Multiply(lambda, h, out runner.X);
        Fp2<TField>.Subtract(g, h, out g);
        Fp2<TField>.Multiply(theta, g, out g);
        Fp2<TField>.Multiply(e, runner.Y, out var ey);
        Fp2<TField>.Subtract(g, ey, out runner.Y);
        Fp2<TField>.Multiply(runner.Z, e, out runner.Z);
        Fp2<TField>.Multiply(theta, x, out var constant);
        Fp2<TField>.Multiply(lambda, y, out var ly);
        Fp2<TField>.Subtract(constant, ly, out constant);
        FieldOperations.Negate(theta, out theta);
        MultiplyByLine(constant, theta, lambda, pair, ref f);
    }

    // f = f · (constant + slope · x(P) + factor · y(P)) at the powers of w where the twist puts them.
    private static void MultiplyByLine(
        in Fp2<TField> constant,
        in Fp2<TField> slope,
        in Fp2<TField> factor,
        in PairingInput<TField> pair,
        ref Fp12<TField, TTower> f)
    {
        Fp2<TField>.Scale(slope, pair.Px, out var bySlope);
        Fp2<TField>.Scale(factor, pair.Py, out var byFactor);
        if (TCurve.IsTwistDivisive)
        {
            Fp12<TField, TTower>.MultiplyBy034(f, byFactor, bySlope, constant, out f);
        }
        else
        {
            Fp12<TField, TTower>.MultiplyBy014(f, constant, bySlope, byFactor, out f);
        }
    }

    // A multiple of Q in homogeneous coordinates.
    private struct Runner
    {
        public Fp2<TField> X;
        public Fp2<TField> Y;
        public Fp2<TField> Z;
    }
}
