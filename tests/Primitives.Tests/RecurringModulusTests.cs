namespace Fragcast.Primitives.Tests;

public sealed class RecurringModulusTests
{
    [Fact]
    public void MulMod_AnyOperandsAgainAndAgain_AsWithout()
    {
        RecurringModulus recurring = default;
        foreach ((UInt256 a, UInt256 b, UInt256 m) in UInt256Samples.Triples())
        {
            UInt256.MulMod(a, b, m, out UInt256 expected);
            for (int i = 0; i < 7; i++)
            {
                recurring.MulMod(a, b, m, out UInt256 product);
                Assert.Equal(expected, product);
            }
        }
    }

    [Fact]
    public void MulMod_FactorsBelowTheModulus_IsTheRemainder()
    {
        Random random = new(5);
        byte[] bytes = new byte[32];
        for (int i = 0; i < 400; i++)
        {
            RecurringModulus recurring = default;
            random.NextBytes(bytes);
            for (int at = 0; at < 32; at += 8)
            {
                if (random.Next(3) == 0) bytes.AsSpan(at, 8).Fill((byte)(random.Next(2) * 0xFF));
            }

            UInt256 m = UInt256.FromBigEndian(bytes) >> random.Next(70);
            if (m.U3 == 0) m += new UInt256(0, 0, 0, 1);
            UInt256 a = m - 1;
            UInt256 b = m - (ulong)(1 + random.Next(3));
            for (int step = 0; step < 40; step++)
            {
                recurring.MulMod(a, b, m, out UInt256 product);
                Assert.Equal((a.ToBig() * b.ToBig()) % m.ToBig(), product.ToBig());
                (a, b) = step % 3 == 0 ? (product, m - 1) : (b, product);
            }
        }
    }
}
