using Fragcast.Execution.Precompiles.Curves;

namespace Fragcast.Execution.Precompiles;

/// <summary>
/// How EIP-2537 writes elements of BLS12-381: a field element as 64 big-endian bytes, of which the first 16 are zero;
/// the real before the imaginary part; the point at infinity as zeros.
/// </summary>
internal static class BlsEncoding
{
    public const int FieldLength = 64;
    public const int G1Length = 2 * FieldLength;
    public const int G2Length = 4 * FieldLength;

    private const int Padding = 16;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlsField value)
    {
        var isPadded = bytes[..Padding].IndexOfAnyExcept((byte)0) < 0;
        return BlsField.TryRead(bytes[Padding..], out value) && isPadded;
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlsField2 value)
    {
        var isGood = TryRead(bytes[..FieldLength], out BlsField c0) & TryRead(bytes[FieldLength..], out BlsField c1);
        value = new BlsField2(c0, c1);
        return isGood;
    }

    /// <summary>Reads a point of the curve, which need not be in the group.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlsG1 point)
    {
        var isGood = TryRead(bytes[..FieldLength], out BlsField x) & TryRead(bytes[FieldLength..], out BlsField y);
        point = new BlsG1(x, y);
        return isGood && point.IsOnCurve();
    }

    /// <summary>Reads a point of the twist, which need not be in the group.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlsG2 point)
    {
        var isGood = TryRead(bytes[..(2 * FieldLength)], out BlsField2 x)
            & TryRead(bytes[(2 * FieldLength)..], out BlsField2 y);
        point = new BlsG2(x, y);
        return isGood && point.IsOnCurve();
    }

    public static void Write(in BlsG1 point, PrecompileOutput output)
    {
        var bytes = output.Resize(G1Length);
        Write(point.X, bytes);
        Write(point.Y, bytes[FieldLength..]);
    }

    public static void Write(in BlsG2 point, PrecompileOutput output)
    {
        var bytes = output.Resize(G2Length);
        Write(point.X.C0, bytes);
        Write(point.X.C1, bytes[FieldLength..]);
        Write(point.Y.C0, bytes[(2 * FieldLength)..]);
        Write(point.Y.C1, bytes[(3 * FieldLength)..]);
    }

    private static void Write(in BlsField value, Span<byte> bytes)
    {
        bytes[..Padding].Clear();
        value.Write(bytes[Padding..FieldLength]);
    }
}
