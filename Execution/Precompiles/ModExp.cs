using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles;

/// <summary>
/// 0x05: base^exponent mod modulus on numbers of any length (EIP-198). The price is charged before anything is
/// allocated, and it bounds memory: it grows with the square of the longer of base and modulus and with the exponent's
/// length. Bytes that the input does not have are zeros and are not stored unless they follow others.
/// </summary>
internal static class ModExp
{
    // Lengths saturate here: no gas pays for as much under any of the three prices.
    private const int LengthMax = int.MaxValue;

    private const int HeaderLength = 96;
    private const int Eip7823LengthMax = 1024;

    private readonly ref struct Operands
    {
        private readonly ReadOnlySpan<byte> _data;

        public Operands(ReadOnlySpan<byte> input)
        {
            _data = input.Length > HeaderLength ? input[HeaderLength..] : default;
            BaseLength = LengthAt(input, 0);
            ExponentLength = LengthAt(input, 32);
            ModulusLength = LengthAt(input, 64);
        }

        public int BaseLength { get; }

        public int ExponentLength { get; }

        public int ModulusLength { get; }

        public int LongestLength => Math.Max(BaseLength, ModulusLength);

        public ReadOnlySpan<byte> Base => Part(0, BaseLength);

        public ReadOnlySpan<byte> Exponent => Part(BaseLength, ExponentLength);

        public ReadOnlySpan<byte> Modulus => Part((long)BaseLength + ExponentLength, ModulusLength);

        // Bits of the exponent as the prices count them: those after the leading one in the first 32 bytes, and
        // `perByte` for each further byte.
        public UInt256 AdjustedExponentLength(uint perByte)
        {
            var first = Math.Min(32, ExponentLength);
            var present = Part(BaseLength, first);
            var head = UInt256.FromBigEndian(present) << (8 * (first - present.Length));
            var bits = head.IsZero ? 0 : head.BitLength - 1;
            var further = (ulong)Math.Max(0L, (long)ExponentLength - 32);
            return new UInt256((perByte * further) + (ulong)bits);
        }

        private static int LengthAt(ReadOnlySpan<byte> input, int offset)
        {
            Span<byte> word = stackalloc byte[32];
            word.Clear();
            if (offset < input.Length)
            {
                input[offset..Math.Min(input.Length, offset + 32)].CopyTo(word);
            }

            var length = UInt256.FromBigEndian(word);
            return length < LengthMax ? (int)length.U0 : LengthMax;
        }

        // What the input has of a part; the missing rest is zero.
        private ReadOnlySpan<byte> Part(long start, int length)
        {
            if (start >= _data.Length)
            {
                return default;
            }

            return _data.Slice((int)start, (int)Math.Min(length, _data.Length - start));
        }
    }

    /// <summary>EIP-198.</summary>
    public static long PriceEip198(ReadOnlySpan<byte> input)
    {
        var operands = new Operands(input);
        UInt256 x = operands.LongestLength;
        var square = x * x;
        var complexity = x <= 64 ? square
            : x <= 1024 ? (square / 4) + (x * 96) - 3072
            : (square / 16) + (x * 480) - 199680;
        var iterations = operands.AdjustedExponentLength(8);
        return Clamp(complexity * Max(iterations, UInt256.One) / 20, operands);
    }

    /// <summary>EIP-2565.</summary>
    public static long PriceEip2565(ReadOnlySpan<byte> input)
    {
        var operands = new Operands(input);
        var words = new UInt256(((ulong)operands.LongestLength + 7) / 8);
        var iterations = operands.AdjustedExponentLength(8);
        return Math.Max(200, Clamp(words * words * Max(iterations, UInt256.One) / 3, operands));
    }

    /// <summary>EIP-7883.</summary>
    public static long PriceEip7883(ReadOnlySpan<byte> input)
    {
        var operands = new Operands(input);
        var words = new UInt256(((ulong)operands.LongestLength + 7) / 8);
        UInt256 complexity = operands.LongestLength <= 32 ? 16 : words * words * 2;
        var iterations = operands.AdjustedExponentLength(16);
        return Math.Max(500, Clamp(complexity * Max(iterations, UInt256.One), operands));
    }

    /// <summary>EIP-7823: no operand may be longer than 1,024 bytes.</summary>
    public static bool RunEip7823(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        var operands = new Operands(input);
        return operands.LongestLength <= Eip7823LengthMax
            && operands.ExponentLength <= Eip7823LengthMax
            && Run(input, output);
    }

    public static bool Run(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        var operands = new Operands(input);
        if (operands.ModulusLength == 0)
        {
            return true;
        }

        var result = output.Resize(operands.ModulusLength);
        result.Clear();
        var modulus = operands.Modulus;
        if (modulus.IndexOfAnyExcept((byte)0) < 0)
        {
            return true;
        }

        using var b = new GmpInteger(operands.Base, operands.BaseLength);
        using var e = new GmpInteger(operands.Exponent, operands.ExponentLength);
        using var m = new GmpInteger(modulus, operands.ModulusLength);
        GmpInteger.PowMod(b, e, m, result);
        return true;
    }

    private static UInt256 Max(in UInt256 a, in UInt256 b) => a > b ? a : b;

    private static long Clamp(in UInt256 price, in Operands operands)
    {
        // With base and modulus empty nothing is computed, however long the exponent is said to be.
        var isTooLong = operands.LongestLength == LengthMax
            || (operands.LongestLength > 0 && operands.ExponentLength == LengthMax);
        return isTooLong || !price.FitsUInt64 || price.U0 > long.MaxValue ? long.MaxValue : (long)price.U0;
    }
}
