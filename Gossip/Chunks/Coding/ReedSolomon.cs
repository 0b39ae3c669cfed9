using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Fragcast.Gossip.Chunks.Coding;

/// <summary>
/// Systematic Reed-Solomon code over <see cref="GaloisField"/>: chunks 0 to k - 1 are the data, and chunk r from k on
/// is the sum over all data chunks j of chunk j / (r xor j). Any k chunks give all others. Owns scratch space; one
/// thread.
/// </summary>
/// <remarks>
/// <para>
/// The parity part of the generator matrix is a Cauchy matrix (Blömer et al., "An XOR-based erasure-resilient coding
/// scheme", 1995): the row of chunk r and the column of chunk j hold 1 / (r + j), so that every square part can be
/// inverted.
/// </para>
/// <para>
/// The inverse has a closed form too, so no elimination is needed. Up to a factor for each index the chunks are values
/// of one polynomial of degree below k, which Lagrange's formula takes from any k indices S to another one, m. With E
/// the data chunks that are not in S and P the parity chunks that are, the weight of chunk s in chunk m is
/// g(m) / (g(s) (m + s)), where g(i) is the product of (i + p) over P divided by the product of (i + e) over E, each
/// without i itself.
/// </para>
/// </remarks>
public sealed unsafe class ReedSolomon
{
    /// <summary>The greatest number of chunks of one code.</summary>
    public const int TotalMax = 255;

    // k inputs and as many outputs as are left of 255: most when they are halves.
    private const int FactorsMax = (TotalMax / 2) * (TotalMax - (TotalMax / 2));

    private readonly uint[] _factors = GC.AllocateArray<uint>(FactorsMax, pinned: true);
    private readonly FieldPath _path;

    /// <summary>A code that uses the fastest instructions of this processor.</summary>
    public ReedSolomon()
        : this(FieldKernel.Best())
    {
    }

    /// <summary>A code that uses certain instructions.</summary>
    /// <exception cref="PlatformNotSupportedException">The processor does not have them.</exception>
    public ReedSolomon(FieldPath path)
    {
        if (!IsSupported(path))
        {
            throw new PlatformNotSupportedException($"This processor cannot compute by {path}.");
        }

        _path = path;
    }

    /// <summary>The instructions in use.</summary>
    public FieldPath Path => _path;

    /// <summary>Whether this processor has what a path needs.</summary>
    public static bool IsSupported(FieldPath path) => FieldKernel.IsSupported(path);

    /// <summary>Computes chunks from others, for example parity from data, or lost data from what arrived.</summary>
    /// <param name="have">Indices of k chunks, each once.</param>
    /// <param name="inputs">Where they are, in the same order.</param>
    /// <param name="want">Indices that are not among those; all indices together are at most 255.</param>
    /// <param name="outputs">Where these go, in the same order; they overlap no input.</param>
    /// <param name="length">Bytes of every chunk.</param>
    public void Compute(
        ReadOnlySpan<byte> have, ReadOnlySpan<nint> inputs, ReadOnlySpan<byte> want, ReadOnlySpan<nint> outputs,
        int length)
    {
        Debug.Assert(have.Length + want.Length <= TotalMax, "A code has at most 255 chunks.");
        Debug.Assert(inputs.Length >= have.Length && outputs.Length >= want.Length, "Every chunk has its place.");
        SetFactors(have, want);
        fixed (nint* sources = inputs)
        fixed (nint* targets = outputs)
        fixed (uint* factors = _factors)
        {
            FieldKernel.Combine(_path, sources, have.Length, targets, want.Length, factors, length);
        }
    }

    /// <summary>The weight of a chunk in another, for tests: see <see cref="ReedSolomon"/>.</summary>
    internal byte Factor(ReadOnlySpan<byte> have, byte want, int position)
    {
        SetFactors(have, [want]);
        return (byte)_factors[position];
    }

    [SkipLocalsInit]
    private void SetFactors(ReadOnlySpan<byte> have, ReadOnlySpan<byte> want)
    {
        Span<byte> lost = stackalloc byte[TotalMax];
        Span<byte> parity = stackalloc byte[TotalMax];
        int count = Differences(have, lost, parity);
        lost = lost[..count];
        parity = parity[..count];

        // Logarithms, so that products are sums; a divisor's is taken from the order of the group.
        Span<int> divisors = stackalloc int[TotalMax];
        for (int i = 0; i < have.Length; i++)
        {
            divisors[i] = GaloisField.Order - LogarithmOfRatio(have[i], parity, lost);
        }

        int at = 0;
        foreach (byte index in want)
        {
            int numerator = LogarithmOfRatio(index, parity, lost) + GaloisField.Order;
            for (int i = 0; i < have.Length; i++)
            {
                // From 2 to 764: 255 … 509 and 1 … 255, less 0 … 254.
                int exponent = numerator + divisors[i] - GaloisField.Logarithm(index ^ have[i]);
                _factors[at++] = GaloisField.Exponential(exponent) * 0x01010101u;
            }
        }
    }

    /// <summary>Data chunks that are not there, and parity chunks that are: equally many.</summary>
    private static int Differences(ReadOnlySpan<byte> have, Span<byte> lost, Span<byte> parity)
    {
        Span<bool> isThere = stackalloc bool[TotalMax + 1];
        isThere.Clear();
        int parityCount = 0;
        foreach (byte index in have)
        {
            isThere[index] = true;
            if (index >= have.Length)
            {
                parity[parityCount++] = index;
            }
        }

        int lostCount = 0;
        for (int index = 0; index < have.Length; index++)
        {
            if (!isThere[index])
            {
                lost[lostCount++] = (byte)index;
            }
        }

        Debug.Assert(lostCount == parityCount, "Every index is given once.");
        return lostCount;
    }

    // From 0 to 254.
    private static int LogarithmOfRatio(byte index, ReadOnlySpan<byte> parity, ReadOnlySpan<byte> lost)
    {
        int sum = 0;
        for (int i = 0; i < parity.Length; i++)
        {
            int over = index ^ parity[i];
            int under = index ^ lost[i];
            sum += over == 0 ? 0 : GaloisField.Logarithm(over);
            sum -= under == 0 ? 0 : GaloisField.Logarithm(under);
        }

        sum %= GaloisField.Order;
        return sum < 0 ? sum + GaloisField.Order : sum;
    }
}
