using System.Globalization;

namespace Fragcast.Primitives;

/// <content>Text forms: hexadecimal with <c>0x</c>, and decimal.</content>
public readonly partial struct UInt256
{
    private const ulong TenToThe19 = 10_000_000_000_000_000_000;

    /// <summary>Reads <c>0x</c> and 1 to 64 hex digits, or decimal digits; false for anything else or 2^256 and above.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out UInt256 value)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return TryParseHex(text[2..], out value);
        return TryParseDecimal(text, out value);
    }

    /// <summary>As <see cref="TryParse"/>, for text that is known to be good.</summary>
    /// <exception cref="FormatException">The text is not such a number.</exception>
    public static UInt256 Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out UInt256 value)
            ? value
            : throw new FormatException("Not a decimal or 0x-hexadecimal number below 2^256.");

    /// <summary>Lower-case hex with <c>0x</c> and no leading zeros, as JSON-RPC quantities are written.</summary>
    public override string ToString()
    {
        Span<char> digits = stackalloc char[64];
        Span<ulong> limbs = [U3, U2, U1, U0];
        for (int i = 0; i < 4; i++)
            limbs[i].TryFormat(digits.Slice(i * 16, 16), out _, "x16", CultureInfo.InvariantCulture);
        int start = Math.Min(63, 64 - ((BitLength + 3) >> 2));
        return string.Concat("0x", digits[start..]);
    }

    /// <summary>Decimal digits.</summary>
    public string ToDecimalString()
    {
        // 2^256 has 78 digits: at most five groups of 19.
        Span<char> digits = stackalloc char[95];
        UInt256 rest = this;
        int start = digits.Length;
        while (!rest.FitsUInt64)
        {
            DivRem(rest, TenToThe19, out rest, out UInt256 group);
            start -= 19;
            group.U0.TryFormat(digits[start..], out _, "d19", CultureInfo.InvariantCulture);
        }

        return string.Concat(rest.U0.ToString(CultureInfo.InvariantCulture), digits[start..]);
    }

    private static bool TryParseHex(ReadOnlySpan<char> digits, out UInt256 value)
    {
        value = default;
        if (digits.Length is 0 or > 64) return false;
        Span<char> padded = stackalloc char[64];
        padded.Fill('0');
        digits.CopyTo(padded[(64 - digits.Length)..]);
        Span<byte> bytes = stackalloc byte[Size];
        if (!Hex.TryDecode(padded, bytes)) return false;
        value = FromBigEndian(bytes);
        return true;
    }

    private static bool TryParseDecimal(ReadOnlySpan<char> digits, out UInt256 value)
    {
        value = default;
        if (digits.IsEmpty) return false;
        UInt256 total = default;
        foreach (char c in digits)
        {
            if (!char.IsAsciiDigit(c)) return false;
            if (MulOverflow(total, 10u, out total)) return false;
            if (AddOverflow(total, (uint)(c - '0'), out total)) return false;
        }

        value = total;
        return true;
    }
}
