namespace Fragcast.Perf.Simulate;

/// <summary>
/// Random numbers that depend on a seed only: SplitMix64 (Steele, Lea and Flood, 2014), a counter and a mixing
/// function, so that every node has a stream of its own in eight bytes.
/// </summary>
internal static class Draw
{
    private const ulong Step = 0x9e3779b97f4a7c15;
    private const int TableBits = 10;
    private const int FractionBits = 20;

    // The quantiles of the exponential distribution with mean 2^20. Rounded, so that the last bits of a platform's
    // logarithm do not show; the last entry is where the tail begins.
    private static readonly int[] Exponential = MakeExponential();

    /// <summary>The next 64 bits of a stream.</summary>
    public static ulong Next(ref ulong state) => Mix(state += Step);

    /// <summary>A number below a bound, near enough to equally likely for bounds far below 2^32.</summary>
    public static int Below(ref ulong state, int bound) => (int)(((Next(ref state) >> 32) * (ulong)bound) >> 32);

    /// <summary>A number from 0 up to, not including, 1.</summary>
    public static double Unit(ref ulong state) => (Next(ref state) >> 11) * (1.0 / (1UL << 53));

    /// <summary>An exponential time with a mean of <paramref name="mean"/>.</summary>
    /// <param name="bits">31 random bits.</param>
    /// <param name="mean">The mean, in any unit.</param>
    public static long ExponentialOf(uint bits, long mean)
    {
        long tail = 0;
        while (bits >> (31 - TableBits) == (1 << TableBits) - 1)
        {
            // The distribution has no memory: beyond the last entry it begins anew. A few bits less each time, until
            // what is left is past the last entry of the table for good, seven means and more.
            tail += Exponential[^1];
            bits = (bits << TableBits) & int.MaxValue;
        }

        int index = (int)(bits >> (31 - TableBits));
        long within = bits & ((1 << (31 - TableBits)) - 1);
        long low = Exponential[index];
        long quantile = low + (((Exponential[index + 1] - low) * within) >> (31 - TableBits));
        return ((tail + quantile) * mean) >> FractionBits;
    }

    /// <summary>A probability as 32 bits compare with it.</summary>
    public static uint Threshold(double probability) => (uint)Math.Min(probability * 4294967296.0, uint.MaxValue);

    /// <summary>Mixes 64 bits.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    /// <summary>The beginning of a stream.</summary>
    public static ulong Stream(ulong seed, ulong number, ulong purpose) =>
        Mix(Mix(Mix(seed + Step) + (number * Step)) + (purpose * Step));

    private static int[] MakeExponential()
    {
        const int Size = 1 << TableBits;
        int[] table = new int[Size];
        for (int i = 0; i < Size; i++)
        {
            double quantile = -Math.Log(1 - (i / (double)Size));
            table[i] = (int)Math.Round(quantile * (1 << FractionBits));
        }

        return table;
    }
}
