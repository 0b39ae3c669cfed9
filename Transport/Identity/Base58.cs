namespace Fragcast.Transport.Identity;

/// <summary>Base58 with the Bitcoin alphabet, as libp2p writes peer ids. For short inputs: quadratic time.</summary>
internal static class Base58
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>Longest input in bytes; keeps the work of the quadratic loops small.</summary>
    private const int MaxBytes = 64;

    // ceil(log(256) / log(58) * MaxBytes): 1.3658 characters a byte.
    private const int MaxChars = 88;

    /// <summary>Encodes at most 64 bytes; a leading zero byte becomes a leading '1'.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxBytes);
        int zeros = LeadingCount(bytes, (byte)0);
        Span<byte> digits = stackalloc byte[MaxChars];
        int count = 0;
        foreach (byte b in bytes[zeros..])
        {
            int carry = b;
            for (int i = 0; i < count; i++)
            {
                carry += digits[i] << 8;
                digits[i] = (byte)(carry % 58);
                carry /= 58;
            }

            for (; carry > 0; carry /= 58)
            {
                digits[count++] = (byte)(carry % 58);
            }
        }

        Span<char> text = stackalloc char[zeros + count];
        text[..zeros].Fill(Alphabet[0]);
        for (int i = 0; i < count; i++)
        {
            text[zeros + i] = Alphabet[digits[count - 1 - i]];
        }

        return new string(text);
    }

    /// <summary>Decodes text whose value has exactly as many bytes as the destination; false otherwise.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        if (text.Length > MaxChars || destination.Length > MaxBytes)
        {
            return false;
        }

        int ones = LeadingCount(text, Alphabet[0]);
        Span<byte> bytes = stackalloc byte[MaxBytes];
        int count = 0;
        foreach (char c in text[ones..])
        {
            int carry = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (carry < 0)
            {
                return false;
            }

            for (int i = 0; i < count; i++)
            {
                carry += bytes[i] * 58;
                bytes[i] = (byte)carry;
                carry >>= 8;
            }

            if (carry > 0)
            {
                if (count == destination.Length)
                {
                    return false;
                }

                bytes[count++] = (byte)carry;
            }
        }

        if (ones + count != destination.Length)
        {
            return false;
        }

        destination[..ones].Clear();
        for (int i = 0; i < count; i++)
        {
            destination[ones + i] = bytes[count - 1 - i];
        }

        return true;
    }

    private static int LeadingCount<T>(ReadOnlySpan<T> span, T value)
        where T : IEquatable<T>
    {
        int index = span.IndexOfAnyExcept(value);
        return index < 0 ? span.Length : index;
    }
}
