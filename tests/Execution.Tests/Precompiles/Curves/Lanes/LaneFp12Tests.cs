using System.Runtime.InteropServices;
using Fragcast.Execution.Precompiles.Curves;
using Fragcast.Execution.Precompiles.Curves.Lanes;
using Bls = Fragcast.Execution.Tests.Precompiles.Curves.Lanes.LaneFp12Checks<
    Fragcast.Execution.Precompiles.Curves.BlsField,
    Fragcast.Execution.Precompiles.Curves.BlsTower,
    Fragcast.Execution.Precompiles.Curves.Lanes.BlsLaneShape>;
using Bn = Fragcast.Execution.Tests.Precompiles.Curves.Lanes.LaneFp12Checks<
    Fragcast.Execution.Precompiles.Curves.Mont256<Fragcast.Execution.Precompiles.Curves.Bn254Modulus>,
    Fragcast.Execution.Precompiles.Curves.Bn254Tower,
    Fragcast.Execution.Precompiles.Curves.Lanes.BnLaneShape>;

namespace Fragcast.Execution.Tests.Precompiles.Curves.Lanes;

/// <summary>Arithmetic in vectors against the same in scalars; nothing to test without AVX-512.</summary>
public sealed class LaneFp12Tests
{
    [Fact]
    public void To_OfWhatWasPutIn_IsTheSame()
    {
        Bn.CheckConversions();
        Bls.CheckConversions();
    }

    [Fact]
    public void Multiply_AnyElements_IsTheProduct()
    {
        Bn.CheckProducts();
        Bls.CheckProducts();
    }

    [Fact]
    public void FrobeniusAndConjugate_AnyElement_AreThose()
    {
        Bn.CheckFrobenius();
        Bls.CheckFrobenius();
    }

    // Lines may be off by a factor in the prime field.
    [Fact]
    public void MultiplyByLine_AnyLine_IsTheProductUpToAFactor()
    {
        Bn.CheckLines();
        Bls.CheckLines();
    }

    // What is not reduced must not add up, whatever the number of operations without a way back.
    [Fact]
    public void Operations_InLongChains_StayRight()
    {
        Bn.CheckChains();
        Bls.CheckChains();
    }
}

/// <summary>The checks for one field.</summary>
internal static class LaneFp12Checks<TField, TTower, TShape>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
    where TShape : struct, ILaneShape
{
    private const int Rounds = 50;

    private static readonly Random Source = new(381);

    public static void CheckConversions()
    {
        ForEach(static (a, _) =>
        {
            var lanes = In(a);
            AssertEqual(a, lanes);
        });
        AssertEqual(default, In(default));
    }

    public static void CheckProducts() => ForEach(static (a, b) =>
    {
        Fp12<TField, TTower>.Multiply(a, b, out var expected);
        LaneFp12<TField, TTower, TShape>.Multiply(In(a), In(b), out var product);
        AssertEqual(expected, product);
        Fp12<TField, TTower>.Square(a, out expected);
        LaneFp12<TField, TTower, TShape>.Square(In(a), out var square);
        AssertEqual(expected, square);
    });

    public static void CheckFrobenius() => ForEach(static (a, _) =>
    {
        Fp12<TField, TTower>.Frobenius(a, out var expected);
        LaneFp12<TField, TTower, TShape>.Frobenius(In(a), out var power);
        AssertEqual(expected, power);
        Fp12<TField, TTower>.Conjugate(a, out expected);
        LaneFp12<TField, TTower, TShape>.Conjugate(In(a), out var conjugate);
        AssertEqual(expected, conjugate);
    });

    public static void CheckLines() => ForEach(static (a, b) =>
    {
        var (b0, b1, b2) = (b.C0.C0, b.C1.C0, b.C1.C1);
        Fp12<TField, TTower>.MultiplyBy034(a, b0, b1, b2, out var expected);
        LaneFp12<TField, TTower, TShape>.MultiplyBy034(In(a), b0, b1, b2, out var product);
        AssertProportional(expected, product);
        Fp12<TField, TTower>.MultiplyBy014(a, b0, b1, b2, out expected);
        LaneFp12<TField, TTower, TShape>.MultiplyBy014(In(a), b0, b1, b2, out product);
        AssertProportional(expected, product);
    });

    public static void CheckChains() => ForEach(
        static (a, b) =>
    {
        var (x, y) = (ToCyclotomic(a), b);
        var (lanesX, lanesY, lanesA) = (In(x), In(y), In(a));
        for (var i = 0; i < 200; i++)
        {
            Fp12<TField, TTower>.CyclotomicSquare(x, out x);
            LaneFp12<TField, TTower, TShape>.CyclotomicSquare(lanesX, out lanesX);
            LaneFp12<TField, TTower, TShape>.Conjugate(lanesX, out lanesX);
            Fp12<TField, TTower>.Conjugate(x, out x);
            Fp12<TField, TTower>.Square(y, out y);
            LaneFp12<TField, TTower, TShape>.Square(lanesY, out lanesY);
            for (var j = 0; j < 16; j++)
            {
                Fp12<TField, TTower>.Multiply(y, a, out y);
                LaneFp12<TField, TTower, TShape>.Multiply(lanesY, lanesA, out lanesY);
            }
        }

        AssertEqual(x, lanesX);
        AssertEqual(y, lanesY);
    },
        rounds: 2);

    private static LaneFp12<TField, TTower, TShape> In(in Fp12<TField, TTower> a)
    {
        LaneFp12<TField, TTower, TShape>.From(a, out var lanes);
        return lanes;
    }

    private static Fp12<TField, TTower> ToCyclotomic(in Fp12<TField, TTower> a)
    {
        Fp12<TField, TTower>.Invert(a, out var inverse);
        Fp12<TField, TTower>.Conjugate(a, out var f);
        Fp12<TField, TTower>.Multiply(f, inverse, out f);
        Fp12<TField, TTower>.Frobenius(f, out var power);
        Fp12<TField, TTower>.Frobenius(power, out power);
        Fp12<TField, TTower>.Multiply(power, f, out f);
        return f;
    }

    private static void AssertEqual(in Fp12<TField, TTower> expected, in LaneFp12<TField, TTower, TShape> lanes)
    {
        LaneFp12<TField, TTower, TShape>.To(lanes, out var actual);
        Assert.True(Fp12<TField, TTower>.AreEqual(expected, actual));
    }

    private static void AssertProportional(
        in Fp12<TField, TTower> expected, in LaneFp12<TField, TTower, TShape> lanes)
    {
        LaneFp12<TField, TTower, TShape>.To(lanes, out var actual);
        Fp12<TField, TTower>.Invert(expected, out var quotient);
        Fp12<TField, TTower>.Multiply(quotient, actual, out quotient);
        Assert.False(quotient.C0.C0.C0.IsZero);
        quotient.C0.C0 = new Fp2<TField>(default, quotient.C0.C0.C1);
        Assert.True(quotient.IsZero);
    }

    private static void ForEach(Action<Fp12<TField, TTower>, Fp12<TField, TTower>> check, int rounds = Rounds)
    {
        for (var i = 0; i < rounds && LaneFp12<TField, TTower, TShape>.IsSupported; i++)
        {
            check(NextElement(), NextElement());
        }
    }

    // A random element with a few coefficients at the ends of the field's range.
    private static Fp12<TField, TTower> NextElement()
    {
        var element = default(Fp12<TField, TTower>);
        Span<byte> bytes = stackalloc byte[TField.Order.Length * 8];
        foreach (ref var coefficient in MemoryMarshal.Cast<Fp12<TField, TTower>, TField>(
            MemoryMarshal.CreateSpan(ref element, 1)))
        {
            do
            {
                Source.NextBytes(bytes);
                bytes[0] &= 0x3F;
            }
            while (!TField.TryRead(bytes, out coefficient));

            if (Source.Next(6) == 0)
            {
                coefficient = default;
                TField.Subtract(default, Source.Next(2) == 0 ? Smallest() : default, out coefficient);
            }
        }

        return element;
    }

    // Its Montgomery form is 1, and that of its negative the order less 1.
    private static TField Smallest()
    {
        var raw = new ulong[TField.Order.Length];
        raw[0] = 1;
        return MemoryMarshal.Cast<ulong, TField>(raw)[0];
    }
}
