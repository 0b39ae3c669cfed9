using System.Buffers;

namespace Fragcast.Primitives;

/// <summary>Hexadecimal text for bytes, two digits each, with or without <c>0x</c> in front.</summary>
public static class Hex
{
    /// <summary>Reads digits of either case; false for an odd count or any other character.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        ReadOnlySpan<char> digits = WithoutPrefix(text);
        bytes = [];
        if ((digits.Length & 1) != 0) return false;
        byte[] result = new byte[digits.Length / 2];
        if (!TryDecodeDigits(digits, result)) return false;
        bytes = result;
        return true;
    }

    /// <summary>
    /// Reads exactly as many bytes as <paramref name="destination"/> holds; false, with its content undefined, for any
    /// other length or a character that is not a digit.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        ReadOnlySpan<char> digits = WithoutPrefix(text);
        return digits.Length == destination.Length * 2 && TryDecodeDigits(digits, destination);
    }

    /// <summary>Reads text that is known to be good.</summary>
    /// <exception cref="FormatException">The digits are odd in number, or not digits.</exception>
    public static byte[] Decode(string text) =>
        TryDecode(text, out byte[] bytes)
            ? bytes
            : throw new FormatException("Not an even number of hexadecimal digits.");

    /// <summary>Lower-case digits, with <c>0x</c> in front unless <paramref name="prefix"/> is false.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes, bool prefix = true)
    {
        string digits = Convert.ToHexStringLower(bytes);
        return prefix ? "0x" + digits : digits;
    }

    private static ReadOnlySpan<char> WithoutPrefix(ReadOnlySpan<char> text) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;

    private static bool TryDecodeDigits(ReadOnlySpan<char> digits, Span<byte> destination) =>
        Convert.FromHexString(digits, destination, out _, out _) == OperationStatus.Done;
}
