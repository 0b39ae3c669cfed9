using System.Numerics;

namespace Fragcast.Primitives.Tests;

/// <summary>
/// Dividends built as quotient * divisor + remainder from limbs that are often all ones or zeros: these reach the rare
/// corrections of algorithm D, which random operands never do.
/// </summary>
public sealed unsafe class LimbDivisionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void DivRem_ConstructedDividend_GivesItsParts(int divisorLimbs)
    {
        Random random = new(100 + divisorLimbs);
        for (int i = 0; i < 20_000; i++)
        {
            BigInteger divisor = Limbs(random, divisorLimbs, topNotZero: true);
            BigInteger quotient = Limbs(random, random.Next(1, 9 - divisorLimbs), topNotZero: false);
            BigInteger remainder = random.Next(3) switch
            {
                0 => divisor - 1,
                1 => BigInteger.Zero,
                _ => Limbs(random, divisorLimbs, topNotZero: false) % divisor,
            };
            Check((quotient * divisor) + remainder, divisor);
        }
    }

    [Fact]
    public void DivRem_TopLimbsEqualToTheDivisors_TakesTheLargestDigit()
    {
        // The rest starts with the divisor's two top limbs whenever it is only just below the divisor.
        Random random = new(9);
        for (int i = 0; i < 20_000; i++)
        {
            BigInteger divisor = Limbs(random, random.Next(3, 5), topNotZero: true);
            BigInteger rest = divisor - 1 - random.Next(3);
            Check((rest << 64) + (ulong)random.NextInt64(), divisor);
            Check((rest << 128) + (ulong)random.NextInt64(), divisor);
        }
    }

    private static void Check(BigInteger dividend, BigInteger divisor)
    {
        ulong* u = stackalloc ulong[LimbDivision.DividendLimbsMax];
        ulong* q = stackalloc ulong[4] { 0, 0, 0, 0 };
        int un = 0;
        for (BigInteger rest = dividend; !rest.IsZero; rest >>= 64) u[un++] = (ulong)(rest & ulong.MaxValue);
        if (dividend < divisor) return;
        LimbDivision.DivRem(u, un, divisor.ToUInt256(), q, out UInt256 remainder);
        BigInteger quotient = BigInteger.DivRem(dividend, divisor, out BigInteger expected);
        Assert.Equal(expected, remainder.ToBig());
        Assert.Equal(quotient % (BigInteger.One << 256), new UInt256(q[0], q[1], q[2], q[3]).ToBig());
    }

    private static BigInteger Limbs(Random random, int count, bool topNotZero)
    {
        BigInteger value = 0;
        for (int i = 0; i < count; i++)
        {
            ulong limb = random.Next(6) switch
            {
                0 => 0,
                1 => ulong.MaxValue,
                2 => 1UL << 63,
                3 => ulong.MaxValue - (ulong)random.Next(3),
                _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            };
            if (topNotZero && i == 0 && limb == 0) limb = 1UL << random.Next(64);
            value = (value << 64) + limb;
        }

        return value;
    }
}
