using System.Runtime.InteropServices;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Wire;
using Fragcast.Transport.Rings;

namespace Fragcast.Node.Stages;

/// <summary>
/// Signs what the builder made with the sequencer's key, wraps it into envelopes and pushes them to the peers.
/// </summary>
internal sealed class PublishStage : IStageWork, IDisposable
{
    private const int BatchMax = 16;

    private readonly RingBuffer<OutboundMessage> _ring;
    private readonly RingReader<OutboundMessage> _outbound;
    private readonly GossipNode _gossip;
    private readonly EnvelopeWriter _writer;

    /// <summary>Makes the stage; the key is copied, and wiped by Dispose.</summary>
    public PublishStage(
        RingBuffer<OutboundMessage> ring, GossipNode gossip, ulong networkId, ReadOnlySpan<byte> sequencerKey)
    {
        _ring = ring;
        _outbound = ring.NewReader();
        _gossip = gossip;
        _writer = new EnvelopeWriter(networkId, sequencerKey);
    }

    /// <inheritdoc/>
    public bool IsEnded => _outbound.IsEnded;

    /// <inheritdoc/>
    public int DoWork()
    {
        if (!_outbound.TryRead(BatchMax, out long low, out long high))
        {
            return 0;
        }

        for (long sequence = low; sequence <= high; sequence++)
        {
            Publish(_ring[sequence]);
        }

        _outbound.Release(high);
        return (int)(high - low + 1);
    }

    /// <summary>Has the stage woken when there is something to publish.</summary>
    public void WakeOn(WakeSignal signal) => _outbound.WakeOn(signal);

    /// <inheritdoc/>
    public void OnStop() => _outbound.Complete();

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private void Publish(OutboundMessage message)
    {
        ReadOnlySpan<byte> framed = message switch
        {
            { Env: { } env } => _writer.Write(message.Epoch, env, message.Attempt),
            { Seal: { } seal } => _writer.Write(message.Epoch, seal, message.Attempt),
            { Cancel: { } cancel } => _writer.Write(message.Epoch, cancel, message.Attempt),
            _ => _writer.Write(
                message.Epoch, message.Frag, CollectionsMarshal.AsSpan(message.Transactions), message.Attempt),
        };
        _gossip.Broadcast(framed);
    }
}
