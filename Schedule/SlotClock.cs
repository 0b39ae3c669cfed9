namespace Fragcast.Schedule;

/// <summary>
/// When blocks are due: block n begins at genesis + (n - first block) × block time, in Unix time. All nodes of a
/// network have the same one. The default value is no clock: then nothing is ever due and no time-out exists.
/// </summary>
/// <param name="GenesisUnixNs">Unix time at which <paramref name="FirstBlock"/> begins, in nanoseconds.</param>
/// <param name="FirstBlock">The first block.</param>
/// <param name="BlockTimeNs">Time of a block in nanoseconds; 0 for no clock.</param>
public readonly record struct SlotClock(long GenesisUnixNs, ulong FirstBlock, long BlockTimeNs)
{
    /// <summary>The time of what never happens.</summary>
    public const long NeverNs = long.MaxValue;

    /// <summary>Whether blocks have times.</summary>
    public bool IsSet => BlockTimeNs > 0;

    /// <summary>
    /// When a block begins, in Unix nanoseconds; <see cref="NeverNs"/> without a clock or past its range.
    /// </summary>
    public long StartNs(ulong block)
    {
        if (!IsSet)
        {
            return NeverNs;
        }

        Int128 start = GenesisUnixNs + (((Int128)block - FirstBlock) * BlockTimeNs);
        return (long)Int128.Clamp(start, long.MinValue, NeverNs);
    }
}
