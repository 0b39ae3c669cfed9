using System.Buffers;
using Fragcast.Execution.Precompiles.Curves;

namespace Fragcast.Execution.Precompiles;

/// <summary>
/// 0x0b to 0x11: addition, multi-scalar multiplication and mapping in both groups of BLS12-381, and the pairing check
/// (EIP-2537). Input of a wrong length or form is refused.
/// </summary>
internal static class BlsPrecompiles
{
    private const int PairingLength = BlsEncoding.G1Length + BlsEncoding.G2Length;

    // Pairs whose Miller loops run together: bounds memory for any length of input.
    private const int PairsAtOnce = 16;

    public static long G1AddPrice(ReadOnlySpan<byte> input) => 375;

    public static long G2AddPrice(ReadOnlySpan<byte> input) => 600;

    public static long MapToG1Price(ReadOnlySpan<byte> input) => 5500;

    public static long MapToG2Price(ReadOnlySpan<byte> input) => 23800;

    public static long PairingPrice(ReadOnlySpan<byte> input) => 37700 + (32600L * (input.Length / PairingLength));

    public static bool G1Add(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.Length != 2 * BlsEncoding.G1Length
            || !BlsEncoding.TryRead(input[..BlsEncoding.G1Length], out BlsG1 a)
            || !BlsEncoding.TryRead(input[BlsEncoding.G1Length..], out BlsG1 b))
        {
            return false;
        }

        BlsG1.Add(a, b, out var sum);
        BlsEncoding.Write(sum, output);
        return true;
    }

    public static bool G2Add(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.Length != 2 * BlsEncoding.G2Length
            || !BlsEncoding.TryRead(input[..BlsEncoding.G2Length], out BlsG2 a)
            || !BlsEncoding.TryRead(input[BlsEncoding.G2Length..], out BlsG2 b))
        {
            return false;
        }

        BlsG2.Add(a, b, out var sum);
        BlsEncoding.Write(sum, output);
        return true;
    }

    public static bool MapToG1(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.Length != BlsEncoding.FieldLength || !BlsEncoding.TryRead(input, out BlsField element))
        {
            return false;
        }

        BlsMapping.ToG1(element, out var point);
        BlsEncoding.Write(point, output);
        return true;
    }

    public static bool MapToG2(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.Length != 2 * BlsEncoding.FieldLength || !BlsEncoding.TryRead(input, out BlsField2 element))
        {
            return false;
        }

        BlsMapping.ToG2(element, out var point);
        BlsEncoding.Write(point, output);
        return true;
    }

    /// <summary>Output: the word 1 if the product of the pairs' pairings is 1, else the word 0.</summary>
    public static bool PairingCheck(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.IsEmpty || input.Length % PairingLength != 0)
        {
            return false;
        }

        var product = BlsField12.One;
        var pairs = ArrayPool<PairingInput<BlsField>>.Shared.Rent(PairsAtOnce);
        var isGood = TryMultiply(input, pairs.AsSpan(0, PairsAtOnce), ref product);
        ArrayPool<PairingInput<BlsField>>.Shared.Return(pairs);
        if (!isGood)
        {
            return false;
        }

        var word = output.Resize(32);
        word.Clear();
        word[31] = BlsPairing.IsOne(product) ? (byte)1 : (byte)0;
        return true;
    }

    private static bool TryMultiply(
        ReadOnlySpan<byte> input, Span<PairingInput<BlsField>> pairs, ref BlsField12 product)
    {
        var count = 0;
        for (; !input.IsEmpty; input = input[PairingLength..])
        {
            if (!BlsEncoding.TryRead(input[..BlsEncoding.G1Length], out BlsG1 p)
                || !BlsEncoding.TryRead(input[BlsEncoding.G1Length..PairingLength], out BlsG2 q))
            {
                return false;
            }

            if (!p.IsInfinity && !q.IsInfinity)
            {
                pairs[count++] = new PairingInput<BlsField> { Px = p.X, Py = p.Y, Qx = q.X, Qy = q.Y };
            }
            else if (!BlsGroups.IsInGroup(p) || !BlsGroups.IsInGroup(q))
            {
                return false;
            }

            if (count == pairs.Length || (count > 0 && input.Length == PairingLength))
            {
                if (!AreFirstInGroup(pairs[..count]) || !BlsPairing.TryAddMillerLoops(pairs[..count], ref product))
                {
                    return false;
                }

                count = 0;
            }
        }

        return true;
    }

    private static bool AreFirstInGroup(ReadOnlySpan<PairingInput<BlsField>> pairs)
    {
        Span<BlsG1> points = stackalloc BlsG1[PairsAtOnce];
        for (var i = 0; i < pairs.Length; i++)
        {
            points[i] = new BlsG1(pairs[i].Px, pairs[i].Py);
        }

        return BlsGroups.AreInGroup(points[..pairs.Length]);
    }
}
