using System.Globalization;
using Fragcast.Primitives;

namespace Fragcast.Perf.Precompiles;

/// <summary>
/// What is measured: vectors of go-ethereum's tests, inputs whose output another program computed, and sums of
/// multiples of points, of which the sum is known from their discrete logarithms.
/// </summary>
internal static class PrecompileCases
{
    private const int G1Msm = 0x0C;
    private const int G2Msm = 0x0E;

    // The order of the groups of BLS12-381 (EIP-2537).
    private static readonly UInt256 Order =
        UInt256.Parse("0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");

    /// <summary>All cases, made anew.</summary>
    public static IEnumerable<PrecompileCase> All()
    {
        PrecompileCase[] vectors = [.. ReadVectors()];
        foreach (PrecompileCase vector in vectors)
            yield return vector;
        foreach (int count in (int[])[16, 128])
        {
            yield return Msm($"bls12-381 G1 msm, {count} points", G1Msm, count, PointOf(vectors, G1Msm));
            yield return Msm($"bls12-381 G2 msm, {count} points", G2Msm, count, PointOf(vectors, G2Msm));
        }
    }

    // A line is: address|name|goal in microseconds|input|output.
    private static IEnumerable<PrecompileCase> ReadVectors()
    {
        using Stream stream = typeof(PrecompileCases).Assembly.GetManifestResourceStream("precompile-vectors.txt")!;
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            string[] parts = line.Split('|');
            yield return new PrecompileCase(
                parts[1],
                parts[0] == "keccak" ? null : int.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                parts[2].Length == 0 ? null : double.Parse(parts[2], CultureInfo.InvariantCulture),
                Convert.FromHexString(parts[3]),
                Convert.FromHexString(parts[4]));
        }
    }

    // The point of the case of one point, of the group of order r.
    private static byte[] PointOf(PrecompileCase[] vectors, int address)
    {
        PrecompileCase single = vectors.First(vector => vector.Address == address);
        return single.Input[..^32];
    }

    // Points 1·P, 2·P, …; their scalars are hashes, which exceed the order.
    private static PrecompileCase Msm(string name, int address, int count, byte[] point)
    {
        List<byte> input = [];
        UInt256 logarithm = UInt256.Zero;
        for (int i = 1; i <= count; i++)
        {
            UInt256 scalar = UInt256.FromBigEndian(Keccak256.Hash([(byte)i]).Bytes);
            input.AddRange(Multiple(address, point, i));
            input.AddRange(Hash256.FromUInt256(scalar).Bytes);
            UInt256.MulMod(scalar, i, Order, out UInt256 product);
            UInt256.AddMod(logarithm, product, Order, out logarithm);
        }

        return new PrecompileCase(name, address, null, [.. input], Multiple(address, point, logarithm));
    }

    private static byte[] Multiple(int address, byte[] point, UInt256 scalar)
    {
        PrecompileCase single = new("", address, null, [.. point, .. Hash256.FromUInt256(scalar).Bytes], []);
        single.Execute();
        return single.Output.ToArray();
    }
}
