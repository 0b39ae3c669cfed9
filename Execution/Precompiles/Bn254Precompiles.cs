using Fragcast.Execution.Precompiles.Curves;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles;

/// <summary>0x06 addition, 0x07 multiplication and 0x08 pairing check on bn254 (EIP-196, EIP-197, EIP-1108).</summary>
internal static class Bn254Precompiles
{
    private const int PairLength = 192;

    // Pairs whose Miller loops run together: bounds memory for any length of input.
    private const int PairsAtOnce = 16;

    public static long AddPrice(ReadOnlySpan<byte> input) => 150;

    public static long AddPriceByzantium(ReadOnlySpan<byte> input) => 500;

    public static long MultiplyPrice(ReadOnlySpan<byte> input) => 6000;

    public static long MultiplyPriceByzantium(ReadOnlySpan<byte> input) => 40000;

    public static long PairingPrice(ReadOnlySpan<byte> input) => 45000 + (34000L * (input.Length / PairLength));

    public static long PairingPriceByzantium(ReadOnlySpan<byte> input) =>
        100000 + (80000L * (input.Length / PairLength));

    /// <summary>Input: two points; missing bytes are zero, further ones ignored.</summary>
    public static bool Add(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        Span<byte> padded = stackalloc byte[128];
        Pad(input, padded);
        if (!TryReadG1(padded[..64], out var a) || !TryReadG1(padded[64..], out var b))
        {
            return false;
        }

        BnG1.Add(a, b, out var sum);
        Write(sum, output);
        return true;
    }

    /// <summary>Input: a point and a scalar, which may exceed the group's order.</summary>
    public static bool Multiply(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        Span<byte> padded = stackalloc byte[96];
        Pad(input, padded);
        if (!TryReadG1(padded[..64], out var point))
        {
            return false;
        }

        var product = default(JacobianPoint<BnField, Bn254G1>);
        MultiScalar<BnField, Bn254G1>.Add([point], [UInt256.FromBigEndian(padded[64..])], ref product);
        product.ToAffine(out var result);
        Write(result, output);
        return true;
    }

    /// <summary>
    /// Input: pairs of points of G1 and G2. Output: the word 1 if the product of their pairings is 1.
    /// </summary>
    public static bool PairingCheck(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.Length % PairLength != 0)
        {
            return false;
        }

        var product = BnField12.One;
        Span<PairingInput<BnField>> pairs = stackalloc PairingInput<BnField>[PairsAtOnce];
        var count = 0;
        for (; input.Length > 0; input = input[PairLength..])
        {
            if (!TryReadG1(input[..64], out var p) || !TryReadG2(input[64..PairLength], out var q))
            {
                return false;
            }

            if (!p.IsInfinity && !q.IsInfinity)
            {
                pairs[count++] = new PairingInput<BnField> { Px = p.X, Py = p.Y, Qx = q.X, Qy = q.Y };
            }
            else if (!IsInGroup(q))
            {
                return false;
            }

            if (count == PairsAtOnce || (count > 0 && input.Length == PairLength))
            {
                if (!BnPairing.TryAddMillerLoops(pairs[..count], ref product))
                {
                    return false;
                }

                count = 0;
            }
        }

        var word = output.Resize(32);
        word.Clear();
        word[31] = BnPairing.IsOne(product) ? (byte)1 : (byte)0;
        return true;
    }

    private static void Pad(ReadOnlySpan<byte> input, Span<byte> padded)
    {
        padded.Clear();
        input[..Math.Min(input.Length, padded.Length)].CopyTo(padded);
    }

    private static bool TryReadG1(ReadOnlySpan<byte> bytes, out BnG1 point)
    {
        var isGood = BnField.TryRead(bytes[..32], out var x) & BnField.TryRead(bytes[32..], out var y);
        point = new BnG1(x, y);
        return isGood && point.IsOnCurve();
    }

    // Coordinates come with the imaginary part first. The point need not be in the group of order r.
    private static bool TryReadG2(ReadOnlySpan<byte> bytes, out BnG2 point)
    {
        var isGood = BnField.TryRead(bytes[..32], out var x1) & BnField.TryRead(bytes[32..64], out var x0)
            & BnField.TryRead(bytes[64..96], out var y1) & BnField.TryRead(bytes[96..], out var y0);
        point = new BnG2(new BnField2(x0, x1), new BnField2(y0, y1));
        return isGood && point.IsOnCurve();
    }

    // (x + 1)Q + ψ(xQ) + ψ²(xQ) = ψ³(2xQ) holds in the group of order r, and the resultant of this polynomial in ψ
    // with ψ's characteristic one is prime to the cofactor, so that it holds nowhere else (El Housni, Guillevic and
    // Piellard, "Co-factor clearing and subgroup membership testing on pairing-friendly curves", 2022).
    private static bool IsInGroup(in BnG2 point)
    {
        if (point.IsInfinity)
        {
            return true;
        }

        new BnG2Jacobian(point).Multiply(Bn254Pairing.X, out var multiple);
        BnG2Jacobian.Add(multiple, point, out var sum);
        multiple.Double(out var twice);
        multiple = Psi(multiple);
        BnG2Jacobian.Add(sum, multiple, out sum);
        BnG2Jacobian.Add(sum, Psi(multiple), out sum);
        return BnG2Jacobian.AreEqual(sum, Psi(Psi(Psi(twice))));
    }

    private static BnG2Jacobian Psi(in BnG2Jacobian point)
    {
        var (x, y) = (point.X, point.Y);
        BnPairing.TwistFrobenius(ref x, ref y);
        BnField2.Conjugate(point.Z, out var z);
        return new BnG2Jacobian(x, y, z);
    }

    private static void Write(in BnG1 point, PrecompileOutput output)
    {
        var bytes = output.Resize(64);
        point.X.Write(bytes);
        point.Y.Write(bytes[32..]);
    }
}
