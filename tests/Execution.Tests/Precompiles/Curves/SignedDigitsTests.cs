using System.Numerics;
using Fragcast.Execution.Precompiles.Curves;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Precompiles.Curves;

public sealed class SignedDigitsTests
{
    [Fact]
    public void Windowed_AnyNumber_IsWorthTheNumber()
    {
        var values = Enumerable.Range(0, 200).Select(static i => UInt256.FromBigEndian(Keccak256.Hash([(byte)i]).Bytes))
            .Concat(Enumerable.Range(0, 256).Select(static i => UInt256.MaxValue >> i))
            .Concat(Enumerable.Range(0, 256).Select(static i => UInt256.One << i));
        foreach (var value in values)
        {
            var digits = new sbyte[SignedDigits.WindowedMax];
            var length = SignedDigits.Windowed(value, digits);
            var worth = BigInteger.Zero;
            for (var place = 0; place < digits.Length; place++)
            {
                Assert.True(digits[place] == 0 || (digits[place] % 2 != 0 && Math.Abs(digits[place]) < 16));
                Assert.True(digits[place] == 0 || place < length);
                worth += digits[place] * BigInteger.Pow(2, place);
            }

            Assert.Equal(new BigInteger(Hash256.FromUInt256(value).Bytes, isUnsigned: true, isBigEndian: true), worth);
        }
    }

    [Fact]
    public void Windowed_OfZero_HasNoDigits() =>
        Assert.Equal(0, SignedDigits.Windowed(UInt256.Zero, new sbyte[SignedDigits.WindowedMax]));
}
