using System.Numerics;

namespace Fragcast.Primitives.Tests;

/// <summary>Operands for the property tests: edge values in all combinations, and seeded random ones.</summary>
internal static class UInt256Samples
{
    private const int Seed = 20_260_101;

    public static UInt256[] Edges { get; } = [.. MakeEdges().Distinct()];

    public static BigInteger ToBig(this UInt256 value)
    {
        Span<byte> bytes = stackalloc byte[32];
        value.WriteBigEndian(bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }

    public static UInt256 ToUInt256(this BigInteger value) =>
        UInt256.FromBigEndian(value.ToByteArray(isUnsigned: true, isBigEndian: true));

    public static IEnumerable<(UInt256 A, UInt256 B)> Pairs(int edgeCount = int.MaxValue)
    {
        UInt256[] edges = [.. Edges.Take(edgeCount)];
        foreach (UInt256 a in edges)
        {
            foreach (UInt256 b in edges) yield return (a, b);
        }

        Random random = new(Seed);
        int randomCount = Math.Min(4000, 10L * edgeCount) is var n ? (int)n : 0;
        for (int i = 0; i < randomCount; i++) yield return (Next(random), Next(random));
    }

    public static IEnumerable<(UInt256 A, UInt256 B, UInt256 M)> Triples()
    {
        Random random = new(Seed + 1);
        foreach (UInt256 m in Edges)
        {
            for (int i = 0; i < 60; i++)
            {
                UInt256 a = (i & 1) == 0 ? Edges[random.Next(Edges.Length)] : Next(random);
                UInt256 b = (i & 2) == 0 ? Edges[random.Next(Edges.Length)] : Next(random);
                yield return (a, b, m);
            }
        }

        for (int i = 0; i < 10_000; i++) yield return (Next(random), Next(random), Next(random));
    }

    /// <summary>A value of random width whose limbs are often all zeros or all ones.</summary>
    public static UInt256 Next(Random random)
    {
        ulong Limb() => random.Next(6) switch
        {
            0 => 0,
            1 => ulong.MaxValue,
            2 => 1UL << random.Next(64),
            _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        };

        UInt256 value = new(Limb(), Limb(), Limb(), Limb());
        return value >> random.Next(256);
    }

    private static IEnumerable<UInt256> MakeEdges()
    {
        for (uint small = 0; small <= 10; small++) yield return small;
        yield return UInt256.MaxValue;
        yield return UInt256.MaxValue - UInt256.One;
        foreach (int k in (int[])[8, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129, 160, 191, 192, 193, 224, 254, 255])
        {
            UInt256 power = UInt256.One << k;
            yield return power;
            yield return power - UInt256.One;
            yield return power + UInt256.One;
            yield return UInt256.Zero - power;
        }
    }
}
