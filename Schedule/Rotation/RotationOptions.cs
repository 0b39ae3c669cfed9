namespace Fragcast.Schedule.Rotation;

/// <summary>
/// The numbers of the time-out rule. All nodes of a network have the same ones; they are part of its protocol.
/// </summary>
public sealed record RotationOptions
{
    /// <summary>
    /// When blocks are due. Without a clock nothing times out and only what is handed over changes hands.
    /// </summary>
    public SlotClock Clock { get; init; }

    /// <summary>
    /// G: how long after a block's end each in the line waits for the one before it, in nanoseconds. More than twice
    /// the longest way of a message and twice <see cref="SkewNs"/>.
    /// </summary>
    public long GraceNs { get; init; } = 300_000_000;

    /// <summary>How far two nodes' clocks may be apart, in nanoseconds.</summary>
    public long SkewNs { get; init; } = 50_000_000;

    /// <summary>
    /// When somebody may take a block over: its end and as many times the grace as its round, in Unix nanoseconds.
    /// </summary>
    public long TakeNs(ulong block, int round)
    {
        long start = Clock.StartNs(block);
        return start == SlotClock.NeverNs
            ? SlotClock.NeverNs
            : (long)Int128.Min((Int128)start + Clock.BlockTimeNs + ((Int128)round * GraceNs), SlotClock.NeverNs);
    }
}
