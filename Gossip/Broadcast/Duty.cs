namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// Whom the receiver of a chunk is to send it on to. Not signed: it changes from hop to hop.
/// </summary>
/// <remarks>
/// <code>
/// Regions  Width   meaning
/// 0        0       none: the receiver is a leaf
/// set      0       a root's duty: every region of the set, whole, by way of heads in each
/// 0        &gt; 0     a head's duty: the members of its own region with a position in [From, From + Width), modulo
/// 2^32
/// </code>
/// </remarks>
/// <param name="Regions">Bit r stands for region r.</param>
/// <param name="From">First position on the region's ring.</param>
/// <param name="Width">Length of the part of the ring.</param>
public readonly record struct Duty(ulong Regions, uint From, uint Width)
{
    /// <summary>No duty.</summary>
    public static Duty None => default;

    /// <summary>Whether there is nothing to send on.</summary>
    public bool IsNone => Regions == 0 && Width == 0;

    /// <summary>Whether the whole of some regions is to be reached.</summary>
    public bool IsRoot => Regions != 0;
}
