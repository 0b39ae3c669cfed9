using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>Numbers as signed binary digits.</summary>
internal static class SignedDigits
{
    /// <summary>
    /// The non-adjacent form, most significant digit first: no two neighbours are both other than zero.
    /// </summary>
    public static sbyte[] Of(UInt128 value)
    {
        var digits = new List<sbyte>();
        while (value != 0)
        {
            var digit = (value & 1) == 0 ? 0 : 2 - (int)(uint)(value & 3);
            value = digit < 0 ? value + 1 : value - (uint)digit;
            digits.Add((sbyte)digit);
            value >>= 1;
        }

        digits.Reverse();
        return [.. digits];
    }

    /// <summary>Places that <see cref="Windowed"/> may need for 256 bits.</summary>
    public const int WindowedMax = 257;

    /// <summary>
    /// Writes a number with digits that are zero or odd, up to 15 in magnitude, least significant first: after a digit
    /// other than zero come at least four zeros.
    /// </summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">Room for <see cref="WindowedMax"/> digits; cleared first.</param>
    /// <returns>The number of places used.</returns>
    public static int Windowed(in UInt256 value, Span<sbyte> digits)
    {
        digits.Clear();
        var carry = 0;
        var length = 0;
        for (var place = 0; place < WindowedMax;)
        {
            var window = carry + (int)((value >> place).U0 & 31);
            if ((window & 1) == 0)
            {
                // The carry, if there is one, goes on through a one.
                place++;
                continue;
            }

            carry = window > 15 ? 1 : 0;
            digits[place] = (sbyte)(window - (carry << 5));
            length = place + 1;
            place += 5;
        }

        return length;
    }
}
