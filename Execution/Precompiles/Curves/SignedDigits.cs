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
}
