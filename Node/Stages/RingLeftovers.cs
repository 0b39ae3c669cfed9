using Fragcast.Transport.Buffers;
using Fragcast.Transport.Rings;

namespace Fragcast.Node.Stages;

/// <summary>What a stopping stage does with the messages that it will not come to.</summary>
internal static class RingLeftovers
{
    private const int BatchMax = 32;

    /// <summary>Takes everything out of a ring, gives the buffers back and leaves the ring.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="reader">The stage's place in it; completed.</param>
    /// <param name="bytesOf">The buffer that a message holds.</param>
    public static void Release<T>(RingBuffer<T> ring, RingReader<T> reader, Func<T, BufferLease> bytesOf)
        where T : struct
    {
        while (reader.TryRead(BatchMax, out long low, out long high))
        {
            for (long sequence = low; sequence <= high; sequence++)
            {
                bytesOf(ring[sequence]).Release();
                ring[sequence] = default;
            }

            reader.Release(high);
        }

        reader.Complete();
    }
}
