using System.Runtime.CompilerServices;

namespace Fragcast.Gossip.Chunks.Coding;

/// <summary>
/// The field of 256 elements in which chunks are coded: polynomials over GF(2) modulo x^8 + x^4 + x^3 + x + 1 (0x11B,
/// that of FIPS 197 and of the GFNI instructions). Addition is exclusive or.
/// </summary>
public static unsafe class GaloisField
{
    /// <summary>Number of elements that are not zero: the order of the generator.</summary>
    internal const int Order = 255;

    /// <summary>Bytes of one factor's products with each low and each high nibble.</summary>
    internal const int NibblesSize = 32;

    private const int Polynomial = 0x11B;
    private const int Generator = 3;

    // Exponents up to the sum of three reduced ones.
    private const int ExponentsMax = 3 * Order;

    private static readonly byte[] Exponentials = new byte[ExponentsMax];
    private static readonly byte[] Logarithms = new byte[Order + 1];

    // Fixed in place, for loads by address.
    private static readonly byte* NibbleProducts =
        (byte*)RuntimeHelpers.AllocateTypeAssociatedMemory(typeof(GaloisField), (Order + 1) * NibblesSize);

    static GaloisField()
    {
        int value = 1;
        for (int i = 0; i < ExponentsMax; i++)
        {
            Exponentials[i] = (byte)value;
            Logarithms[value] = (byte)(i % Order);
            value = MultiplyBits(value, Generator);
        }

        for (int factor = 0; factor <= Order; factor++)
        {
            for (int nibble = 0; nibble < 16; nibble++)
            {
                NibbleProducts[(factor * NibblesSize) + nibble] = (byte)MultiplyBits(factor, nibble);
                NibbleProducts[(factor * NibblesSize) + 16 + nibble] = (byte)MultiplyBits(factor, nibble << 4);
            }
        }
    }

    /// <summary>The product of two elements.</summary>
    public static byte Multiply(byte left, byte right) =>
        left == 0 || right == 0 ? (byte)0 : Exponentials[Logarithms[left] + Logarithms[right]];

    /// <summary>The element whose product with <paramref name="value"/> is 1; 0 has none.</summary>
    public static byte Inverse(byte value) => Exponentials[Order - Logarithms[value]];

    /// <summary>The generator 3 to the power of an exponent from 0 to 764.</summary>
    internal static byte Exponential(int exponent) => Exponentials[exponent];

    /// <summary>The exponent of the generator 3 that gives a value other than 0.</summary>
    internal static int Logarithm(int value) => Logarithms[value];

    /// <summary>Products of a factor with 0 … 15, and behind them with 0, 16, … 240.</summary>
    internal static byte* Nibbles(byte factor) => NibbleProducts + (factor * NibblesSize);

    private static int MultiplyBits(int left, int right)
    {
        int product = 0;
        for (; right != 0; right >>= 1)
        {
            product ^= (right & 1) != 0 ? left : 0;
            left <<= 1;
            left ^= left > Order ? Polynomial : 0;
        }

        return product;
    }
}
