using Fragcast.Gossip.Wire;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Rings;

namespace Fragcast.Gossip.Peers;

/// <summary>Own messages on their way from the stage that signs them to the I/O thread.</summary>
internal sealed class PublishQueue
{
    // Two seconds of frags at 10 ms, with Envs and seals.
    private const int Depth = 256;

    private readonly RingBuffer<BufferLease> _ring = new(Depth, ProducerKind.Multi);
    private readonly RingReader<BufferLease> _reader;
    private readonly MessageBuffers _buffers;

    public PublishQueue(MessageBuffers buffers)
    {
        _buffers = buffers;
        _reader = _ring.NewReader();
    }

    /// <summary>Copies an envelope into the queue. Any thread. False when there is no room.</summary>
    public bool TryAdd(ReadOnlySpan<byte> envelope)
    {
        if (!_buffers.TryRent(envelope.Length, out BufferLease lease))
        {
            return false;
        }

        envelope.CopyTo(lease.Span);
        if (!_ring.TryNext(out long sequence))
        {
            lease.Release();
            return false;
        }

        _ring[sequence] = lease;
        _ring.Publish(sequence);
        return true;
    }

    /// <summary>Takes the next one. I/O thread.</summary>
    public bool TryTake(out BufferLease envelope)
    {
        envelope = default;
        if (!_reader.TryRead(1, out long low, out _))
        {
            return false;
        }

        envelope = _ring[low];
        _ring[low] = default;
        _reader.Release(low);
        return true;
    }
}
