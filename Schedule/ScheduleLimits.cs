namespace Fragcast.Schedule;

/// <summary>Bounds of what a schedule may hold.</summary>
public static class ScheduleLimits
{
    /// <summary>Sequencers of one schedule: 4,096 addresses and stakes are 112 KiB.</summary>
    public const int SequencersMax = 4096;

    /// <summary>Ranges of a table, and seeds that are listed by epoch: 16,384 of 40 bytes are 640 KiB.</summary>
    public const int RangesMax = 16_384;

    /// <summary>
    /// How far ahead the next leaders of a block are looked for. A turn that is longer has nobody who takes over.
    /// </summary>
    public const int ScanBlocksMax = 4096;
}
