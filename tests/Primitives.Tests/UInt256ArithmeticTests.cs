using System.Numerics;

namespace Fragcast.Primitives.Tests;

/// <summary>Every operation against <see cref="BigInteger"/>, over edge values and seeded random ones.</summary>
public sealed class UInt256ArithmeticTests
{
    private static readonly BigInteger Modulus = BigInteger.One << 256;

    private delegate void Binary(in UInt256 a, in UInt256 b, out UInt256 r);

    private delegate bool BinaryFlag(in UInt256 a, in UInt256 b, out UInt256 r);

    private delegate void Ternary(in UInt256 a, in UInt256 b, in UInt256 m, out UInt256 r);

    [Fact]
    public void Add_AnyOperands_IsSumModulo() => CheckBinary(UInt256.Add, static (a, b) => a + b);

    [Fact]
    public void Subtract_AnyOperands_IsDifferenceModulo() => CheckBinary(UInt256.Subtract, static (a, b) => a - b);

    [Fact]
    public void Multiply_AnyOperands_IsProductModulo() => CheckBinary(UInt256.Multiply, static (a, b) => a * b);

    [Fact]
    public void Divide_AnyOperands_IsQuotientOrZero() =>
        CheckBinary(UInt256.Divide, static (a, b) => b.IsZero ? 0 : a / b);

    [Fact]
    public void Mod_AnyOperands_IsRemainderOrZero() =>
        CheckBinary(UInt256.Mod, static (a, b) => b.IsZero ? 0 : a % b);

    [Fact]
    public void SDiv_AnyOperands_TruncatesTowardsZero() => CheckBinary(
        UInt256.SDiv, static (a, b) => b.IsZero ? 0 : BigInteger.Divide(Signed(a), Signed(b)));

    [Fact]
    public void SMod_AnyOperands_TakesSignOfDividend() => CheckBinary(
        UInt256.SMod, static (a, b) => b.IsZero ? 0 : BigInteger.Remainder(Signed(a), Signed(b)));

    [Fact]
    public void Exp_AnyOperands_IsPowerModulo() =>
        CheckBinary(UInt256.Exp, static (a, b) => BigInteger.ModPow(a, b, Modulus), 40);

    [Fact]
    public void AddOverflow_AnyOperands_ReportsCarry() =>
        CheckFlag(UInt256.AddOverflow, static (a, b) => a + b, static x => x >= Modulus);

    [Fact]
    public void SubUnderflow_AnyOperands_ReportsBorrow() =>
        CheckFlag(UInt256.SubUnderflow, static (a, b) => a - b, static x => x.Sign < 0);

    [Fact]
    public void MulOverflow_AnyOperands_ReportsHighPart() =>
        CheckFlag(UInt256.MulOverflow, static (a, b) => a * b, static x => x >= Modulus);

    [Fact]
    public void AddMod_AnyOperands_TakesFullSum() =>
        CheckTernary(UInt256.AddMod, static (a, b, m) => m.IsZero ? 0 : (a + b) % m);

    [Fact]
    public void MulMod_AnyOperands_TakesFullProduct() =>
        CheckTernary(UInt256.MulMod, static (a, b, m) => m.IsZero ? 0 : (a * b) % m);

    [Fact]
    public void DivRem_AnyOperands_RecomposesDividend()
    {
        foreach ((UInt256 a, UInt256 b) in UInt256Samples.Pairs())
        {
            UInt256.DivRem(a, b, out UInt256 q, out UInt256 r);
            if (b.IsZero)
            {
                Assert.True(q.IsZero && r.IsZero);
                continue;
            }

            Assert.True(r < b);
            Assert.Equal(a, (q * b) + r);
        }
    }

    [Fact]
    public void MultiplyFull_AnyOperands_HasAllBits()
    {
        foreach ((UInt256 a, UInt256 b) in UInt256Samples.Pairs())
        {
            UInt256.MultiplyFull(a, b, out UInt256 low, out UInt256 high);
            Assert.Equal(a.ToBig() * b.ToBig(), (high.ToBig() << 256) + low.ToBig());
        }
    }

    [Fact]
    public void Operators_AnyOperands_AgreeWithStaticForms()
    {
        foreach ((UInt256 a, UInt256 b) in UInt256Samples.Pairs())
        {
            UInt256.Add(a, b, out UInt256 r);
            Assert.Equal(r, a + b);
            UInt256.Subtract(a, b, out r);
            Assert.Equal(r, a - b);
            UInt256.Multiply(a, b, out r);
            Assert.Equal(r, a * b);
            UInt256.Divide(a, b, out r);
            Assert.Equal(r, a / b);
            UInt256.Mod(a, b, out r);
            Assert.Equal(r, a % b);
        }
    }

    private static BigInteger Signed(BigInteger value) => value >> 255 == 0 ? value : value - Modulus;

    private static UInt256 Wrap(BigInteger value) => (((value % Modulus) + Modulus) % Modulus).ToUInt256();

    private static void CheckBinary(
        Binary actual, Func<BigInteger, BigInteger, BigInteger> expected, int limit = int.MaxValue)
    {
        foreach ((UInt256 a, UInt256 b) in UInt256Samples.Pairs(limit))
        {
            UInt256 wanted = Wrap(expected(a.ToBig(), b.ToBig()));
            actual(a, b, out UInt256 r);
            Assert.Equal(wanted, r);

            UInt256 left = a;
            actual(left, b, out left);
            Assert.Equal(wanted, left);
            UInt256 right = b;
            actual(a, right, out right);
            Assert.Equal(wanted, right);
        }
    }

    private static void CheckFlag(
        BinaryFlag actual, Func<BigInteger, BigInteger, BigInteger> expected, Func<BigInteger, bool> isOver)
    {
        foreach ((UInt256 a, UInt256 b) in UInt256Samples.Pairs())
        {
            BigInteger exact = expected(a.ToBig(), b.ToBig());
            Assert.Equal(isOver(exact), actual(a, b, out UInt256 r));
            Assert.Equal(Wrap(exact), r);
        }
    }

    private static void CheckTernary(Ternary actual, Func<BigInteger, BigInteger, BigInteger, BigInteger> expected)
    {
        foreach ((UInt256 a, UInt256 b, UInt256 m) in UInt256Samples.Triples())
        {
            UInt256 wanted = Wrap(expected(a.ToBig(), b.ToBig(), m.ToBig()));
            actual(a, b, m, out UInt256 r);
            Assert.Equal(wanted, r);
            UInt256 modulus = m;
            actual(a, b, modulus, out modulus);
            Assert.Equal(wanted, modulus);
        }
    }
}
