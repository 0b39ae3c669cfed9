using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fragcast.Gossip.Chunks.Coding;

/// <summary>A way to compute in <see cref="GaloisField"/>, from the slowest to the fastest.</summary>
public enum FieldPath : byte
{
    /// <summary>Byte by byte.</summary>
    Scalar = 0,

    /// <summary>16 bytes by nibbles: SSSE3 or NEON.</summary>
    Shuffle128,

    /// <summary>32 bytes by nibbles: AVX2.</summary>
    Shuffle256,

    /// <summary>64 bytes by nibbles: AVX-512BW.</summary>
    Shuffle512,

    /// <summary>32 bytes by GFNI.</summary>
    Gfni256,

    /// <summary>64 bytes by GFNI.</summary>
    Gfni512,
}

/// <summary>
/// Sums of products of whole chunks: every output is the sum of all inputs, each times its factor. All outputs of a
/// stripe are made while its inputs are in the first-level cache, four of them in registers, and each is written once.
/// </summary>
internal static unsafe class FieldKernel
{
    /// <summary>Whether this processor has what a path needs.</summary>
    public static bool IsSupported(FieldPath path) => path switch
    {
        FieldPath.Scalar => true,
        FieldPath.Shuffle128 => Vector128.IsHardwareAccelerated,
        FieldPath.Shuffle256 => Avx2.IsSupported,
        FieldPath.Shuffle512 => Avx512BW.IsSupported,
        FieldPath.Gfni256 => Gfni.V256.IsSupported,
        _ => Gfni.V512.IsSupported,
    };

    /// <summary>The fastest path that this processor has.</summary>
    public static FieldPath Best()
    {
        FieldPath path = FieldPath.Gfni512;
        while (!IsSupported(path))
        {
            path--;
        }

        return path;
    }

    /// <summary>Computes the outputs.</summary>
    /// <param name="path">How; supported by this processor.</param>
    /// <param name="inputs">Addresses of the inputs.</param>
    /// <param name="count">Number of inputs.</param>
    /// <param name="outputs">Addresses of the outputs, which overlap no input.</param>
    /// <param name="rows">Number of outputs.</param>
    /// <param name="factors">Row after row a factor for each input, its byte four times over.</param>
    /// <param name="length">Bytes of every input and output.</param>
    public static void Combine(
        FieldPath path, nint* inputs, int count, nint* outputs, int rows, uint* factors, int length)
    {
        Debug.Assert(IsSupported(path), "The path was chosen for this processor.");
        if (path == FieldPath.Gfni512 && length >= 2 * Vector512<byte>.Count)
        {
            Sweep<Gfni512Lanes, Vector512<byte>, Vector512<byte>>(inputs, count, outputs, rows, factors, length);
        }
        else if (path == FieldPath.Shuffle512 && length >= 2 * Vector512<byte>.Count)
        {
            Sweep<Shuffle512Lanes, Vector512<byte>, NibbleFactor<Vector512<byte>>>(
                inputs, count, outputs, rows, factors, length);
        }
        else if (path >= FieldPath.Gfni256 && length >= 2 * Vector256<byte>.Count)
        {
            Sweep<Gfni256Lanes, Vector256<byte>, Vector256<byte>>(inputs, count, outputs, rows, factors, length);
        }
        else if (path >= FieldPath.Shuffle256 && length >= 2 * Vector256<byte>.Count)
        {
            Sweep<Shuffle256Lanes, Vector256<byte>, NibbleFactor<Vector256<byte>>>(
                inputs, count, outputs, rows, factors, length);
        }
        else if (path >= FieldPath.Shuffle128 && length >= 2 * Vector128<byte>.Count)
        {
            Sweep<Shuffle128Lanes, Vector128<byte>, NibbleFactor<Vector128<byte>>>(
                inputs, count, outputs, rows, factors, length);
        }
        else
        {
            CombineBytes(inputs, count, outputs, rows, factors, length);
        }
    }

    private static void CombineBytes(nint* inputs, int count, nint* outputs, int rows, uint* factors, int length)
    {
        for (int row = 0; row < rows; row++, factors += count)
        {
            byte* output = (byte*)outputs[row];
            for (int at = 0; at < length; at++)
            {
                byte sum = 0;
                for (int i = 0; i < count; i++)
                {
                    sum ^= GaloisField.Multiply((byte)factors[i], ((byte*)inputs[i])[at]);
                }

                output[at] = sum;
            }
        }
    }

    // The last stripe ends at the end and may overlap the one before it, whose bytes come out the same again.
    private static void Sweep<TLanes, TVector, TFactor>(
        nint* inputs, int count, nint* outputs, int rows, uint* factors, int length)
        where TLanes : struct, IFieldLanes<TVector, TFactor>
    {
        int step = 2 * TLanes.Width;
        int last = length - step;
        int at = 0;
        while (true)
        {
            int row = 0;
            for (; row + 4 <= rows; row += 4)
            {
                FourRows<TLanes, TVector, TFactor>(inputs, count, outputs + row, factors + (row * count), at);
            }

            for (; row < rows; row++)
            {
                OneRow<TLanes, TVector, TFactor>(inputs, count, outputs + row, factors + (row * count), at);
            }

            if (at == last)
            {
                return;
            }

            at = Math.Min(at + step, last);
        }
    }

    private static void FourRows<TLanes, TVector, TFactor>(
        nint* inputs, int count, nint* outputs, uint* factors, int at)
        where TLanes : struct, IFieldLanes<TVector, TFactor>
    {
        TVector a0 = default!, a1 = default!, b0 = default!, b1 = default!;
        TVector c0 = default!, c1 = default!, d0 = default!, d1 = default!;
        for (int i = 0; i < count; i++)
        {
            byte* input = (byte*)inputs[i] + at;
            TVector x0 = TLanes.Load(input);
            TVector x1 = TLanes.Load(input + TLanes.Width);
            TFactor factor = TLanes.Factor(factors[i]);
            a0 = TLanes.MultiplyAdd(a0, x0, factor);
            a1 = TLanes.MultiplyAdd(a1, x1, factor);
            factor = TLanes.Factor(factors[count + i]);
            b0 = TLanes.MultiplyAdd(b0, x0, factor);
            b1 = TLanes.MultiplyAdd(b1, x1, factor);
            factor = TLanes.Factor(factors[(2 * count) + i]);
            c0 = TLanes.MultiplyAdd(c0, x0, factor);
            c1 = TLanes.MultiplyAdd(c1, x1, factor);
            factor = TLanes.Factor(factors[(3 * count) + i]);
            d0 = TLanes.MultiplyAdd(d0, x0, factor);
            d1 = TLanes.MultiplyAdd(d1, x1, factor);
        }

        StoreTwo<TLanes, TVector, TFactor>(a0, a1, (byte*)outputs[0] + at);
        StoreTwo<TLanes, TVector, TFactor>(b0, b1, (byte*)outputs[1] + at);
        StoreTwo<TLanes, TVector, TFactor>(c0, c1, (byte*)outputs[2] + at);
        StoreTwo<TLanes, TVector, TFactor>(d0, d1, (byte*)outputs[3] + at);
    }

    private static void OneRow<TLanes, TVector, TFactor>(
        nint* inputs, int count, nint* outputs, uint* factors, int at)
        where TLanes : struct, IFieldLanes<TVector, TFactor>
    {
        TVector a0 = default!, a1 = default!;
        for (int i = 0; i < count; i++)
        {
            byte* input = (byte*)inputs[i] + at;
            TFactor factor = TLanes.Factor(factors[i]);
            a0 = TLanes.MultiplyAdd(a0, TLanes.Load(input), factor);
            a1 = TLanes.MultiplyAdd(a1, TLanes.Load(input + TLanes.Width), factor);
        }

        StoreTwo<TLanes, TVector, TFactor>(a0, a1, (byte*)outputs[0] + at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTwo<TLanes, TVector, TFactor>(TVector first, TVector second, byte* target)
        where TLanes : struct, IFieldLanes<TVector, TFactor>
    {
        TLanes.Store(first, target);
        TLanes.Store(second, target + TLanes.Width);
    }
}
