using Fragcast.Execution.Precompiles.Curves;

namespace Fragcast.Execution.Precompiles;

/// <summary>
/// Points of BLS12-381's G1 in 48 bytes: x with three flags in its top bits, as the consensus layer writes them.
/// </summary>
internal static class CompressedG1
{
    private const int Length = 48;
    private const byte CompressedFlag = 0x80;
    private const byte InfinityFlag = 0x40;
    private const byte LargerFlag = 0x20;

    /// <summary>Reads a point of the group; false if it is not one, or not in its only form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlsG1 point)
    {
        point = default;
        Span<byte> digits = stackalloc byte[Length];
        bytes[..Length].CopyTo(digits);
        var flags = digits[0];
        digits[0] &= 0x1F;
        if ((flags & CompressedFlag) == 0)
        {
            return false;
        }

        if ((flags & InfinityFlag) != 0)
        {
            return (flags & LargerFlag) == 0 && digits.IndexOfAnyExcept((byte)0) < 0;
        }

        if (!BlsField.TryRead(digits, out var x))
        {
            return false;
        }

        BlsField.Square(x, out var square);
        BlsField.Multiply(square, x, out square);
        BlsField.Add(square, BlsG1Curve.B, out square);
        if (!SquareRoots<BlsField>.TryFind(square, out var y))
        {
            return false;
        }

        if (IsLarger(y) != ((flags & LargerFlag) != 0))
        {
            BlsField.Subtract(BlsField.Zero, y, out y);
        }

        point = new BlsG1(x, y);
        return BlsGroups.IsInGroup(point);
    }

    // Of y and −y: doubling the larger, as a number, exceeds the order, which is odd, and so leaves an odd rest.
    private static bool IsLarger(in BlsField y)
    {
        BlsField.Add(y, y, out var twice);
        return twice.IsOdd;
    }
}
