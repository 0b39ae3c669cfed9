using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Wire;

/// <summary>
/// Pinned buffers for whole messages, in three sizes. Bounded: when a size has none left the next larger one serves,
/// and when that is empty too the message is dropped and counted. Thread-safe.
/// </summary>
public sealed class MessageBuffers
{
    /// <summary>Most frags and every Env, seal and control frame: 2,048 × 4 KiB = 8 MiB.</summary>
    public const int SmallBytes = 4 * 1024;

    /// <summary>Full frags: 256 × 128 KiB = 32 MiB of address space, touched as used.</summary>
    public const int MediumBytes = 128 * 1024;

    private const int SmallCount = 2048;
    private const int MediumCount = 256;

    // The longest messages are rare: eight at a time, 16 MiB.
    private const int LargeCount = 8;

    private readonly PinnedBufferPool[] _pools =
    [
        new(SmallCount, SmallBytes),
        new(MediumCount, MediumBytes),
        new(LargeCount, EnvelopeLayout.LengthMax),
    ];

    /// <summary>Leases that are out; zero when a node has stopped, or there is a leak.</summary>
    public int Outstanding => _pools.Sum(p => p.Outstanding);

    /// <summary>Takes a buffer.</summary>
    /// <param name="length">Bytes needed, at most <see cref="EnvelopeLayout.LengthMax"/>.</param>
    /// <param name="lease">A lease of exactly that length; the caller must release it.</param>
    /// <returns>False when no buffer of the size or a larger one is free.</returns>
    public bool TryRent(int length, out BufferLease lease)
    {
        foreach (PinnedBufferPool pool in _pools)
        {
            if (length <= pool.SlotSize && pool.TryRent(out BufferLease whole))
            {
                lease = whole.Slice(0, length);
                return true;
            }
        }

        lease = default;
        return false;
    }
}
