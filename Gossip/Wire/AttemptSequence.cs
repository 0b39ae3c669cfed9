namespace Fragcast.Gossip.Wire;

/// <summary>
/// The sequence of a message as it stands in an envelope and in chunks: the place within the block in the low 56 bits,
/// and the attempt in the high 8: how often the block was cancelled before the message was made. So a message that was
/// signed anew after a cancel has a place of its own, and is no equivocation.
/// </summary>
public static class AttemptSequence
{
    /// <summary>Greatest number within a block.</summary>
    public const ulong NumberMax = (1UL << Shift) - 1;

    private const int Shift = 56;

    /// <summary>Puts the two together.</summary>
    /// <param name="attempt">How often the block was cancelled before.</param>
    /// <param name="number">At most <see cref="NumberMax"/>.</param>
    public static ulong Join(byte attempt, ulong number) => ((ulong)attempt << Shift) | (number & NumberMax);

    /// <summary>How often the block was cancelled before.</summary>
    public static byte Attempt(ulong sequence) => (byte)(sequence >> Shift);

    /// <summary>The place within the block.</summary>
    public static ulong Number(ulong sequence) => sequence & NumberMax;
}
