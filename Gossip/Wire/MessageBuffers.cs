using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Wire;

/// <summary>
/// Pinned buffers for whole messages, in three sizes. Bounded: when a size has none left the next larger one serves,
/// and when that is empty too the message is dropped and counted. Thread-safe.
/// </summary>
public sealed class MessageBuffers
{
    /// <summary>Length that most frags and every Env, seal and control frame fit.</summary>
    public const int SmallBytes = 4 * 1024;

    /// <summary>Length that full frags fit.</summary>
    public const int MediumBytes = 128 * 1024;

    private readonly PinnedBufferPool[] _pools;

    /// <summary>Allocates the buffers; the defaults take 56 MiB of address space, touched as used.</summary>
    /// <param name="smallCount">Buffers of <see cref="SmallBytes"/>: 8 MiB.</param>
    /// <param name="mediumCount">Buffers of <see cref="MediumBytes"/>: 32 MiB.</param>
    /// <param name="largeCount">Buffers of <see cref="EnvelopeLayout.LengthMax"/>: 16 MiB; they are rare.</param>
    public MessageBuffers(int smallCount = 2048, int mediumCount = 256, int largeCount = 8) => _pools =
    [
        new PinnedBufferPool(smallCount, SmallBytes),
        new PinnedBufferPool(mediumCount, MediumBytes),
        new PinnedBufferPool(largeCount, EnvelopeLayout.LengthMax),
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
