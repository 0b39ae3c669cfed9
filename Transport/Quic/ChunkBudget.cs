using Fragcast.Transport.Buffers;

namespace Fragcast.Transport.Quic;

/// <summary>
/// The chunks that hold what the streams of an endpoint have written, with their number known: a write reserves all
/// it needs before it takes the first. Any thread.
/// </summary>
internal sealed class ChunkBudget
{
    private readonly PinnedBufferPool _pool;
    private int _free;

    /// <summary>Creates the chunks.</summary>
    /// <param name="count">How many: the bound.</param>
    /// <param name="bytes">The size of each.</param>
    public ChunkBudget(int count, int bytes)
    {
        _pool = new PinnedBufferPool(count, bytes);
        _free = count;
    }

    /// <summary>Bytes of a chunk.</summary>
    public int ChunkBytes => _pool.SlotSize;

    /// <summary>Chunks that nobody has reserved; a moment's view.</summary>
    public int Free => Volatile.Read(ref _free);

    /// <summary>Chunks in use, for tests.</summary>
    public int Outstanding => _pool.Outstanding;

    /// <summary>Reserves chunks; false, and none, if there are not so many.</summary>
    public bool TryReserve(int count)
    {
        int seen = Volatile.Read(ref _free);
        while (seen >= count)
        {
            int found = Interlocked.CompareExchange(ref _free, seen - count, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }

    /// <summary>Takes a reserved chunk.</summary>
    public BufferLease Take() => _pool.TryRent(out BufferLease chunk)
        ? chunk
        : throw new InvalidOperationException("More chunks were taken than reserved.");

    /// <summary>Gives a chunk back, and with it the reservation.</summary>
    public void Return(in BufferLease chunk)
    {
        // In this order: a reservation stands for a chunk that is in the pool.
        chunk.Release();
        Interlocked.Increment(ref _free);
    }
}
