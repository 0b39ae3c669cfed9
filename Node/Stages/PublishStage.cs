using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;
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
    private readonly ulong _networkId;
    private readonly byte[] _key;
    private byte[] _buffer = new byte[MessageBuffers.MediumBytes];

    /// <summary>Makes the stage; the key is copied and wiped when the stage stops.</summary>
    public PublishStage(
        RingBuffer<OutboundMessage> ring, GossipNode gossip, ulong networkId, ReadOnlySpan<byte> sequencerKey)
    {
        _ring = ring;
        _outbound = ring.NewReader();
        _gossip = gossip;
        _networkId = networkId;
        _key = sequencerKey.ToArray();
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
    public void Dispose() => Array.Clear(_key);

    private void Publish(OutboundMessage message)
    {
        if (message.Env is { } env)
        {
            Span<byte> body = Reserve(EnvelopeKind.Env, message.Epoch, env.Number, 0, env.EncodedLength);
            env.Write(body);
            Send(env.EncodedLength, env.SigningDigest());
        }
        else if (message.Seal is { } seal)
        {
            int length = SealV0.EncodedLength(MessageRevision.V0WithBlobGas);
            Span<byte> body = Reserve(
                EnvelopeKind.Seal, message.Epoch, seal.BlockNumber, seal.TotalFrags, length);
            seal.Write(body);
            Send(length, seal.SigningDigest());
        }
        else
        {
            ReadOnlySpan<ReadOnlyMemory<byte>> transactions = CollectionsMarshal.AsSpan(message.Transactions);
            int length = FragEncoder.Length(transactions, MessageRevision.V0WithBlobGas);
            Span<byte> body = Reserve(
                EnvelopeKind.Frag, message.Epoch, message.Frag.BlockNumber, message.Frag.Seq, length);
            FragEncoder.Write(message.Frag, transactions, MessageRevision.V0WithBlobGas, body);
            MessageError error = FragV0.TryDecode(
                _buffer.AsMemory(GreetingLayout.LengthPrefix + EnvelopeLayout.MessageOffset, length),
                MessageRevision.V0WithBlobGas, out FragV0 frag);
            System.Diagnostics.Debug.Assert(error == MessageError.None, "What was just encoded decodes.");
            Send(length, frag.SigningDigest());
        }
    }

    private Span<byte> Reserve(EnvelopeKind kind, uint epoch, ulong blockNumber, ulong sequence, int length)
    {
        int total = GreetingLayout.LengthPrefix + EnvelopeLayout.MessageOffset + length;
        if (_buffer.Length < total)
        {
            _buffer = new byte[Math.Max(total, _buffer.Length * 2)];
        }

        BinaryPrimitives.WriteInt32LittleEndian(_buffer, EnvelopeLayout.MessageOffset + length);
        var head = new Envelope(kind, MessageRevision.V0WithBlobGas, epoch, _networkId, blockNumber, sequence);
        head.Write(_buffer.AsSpan(GreetingLayout.LengthPrefix));
        return _buffer.AsSpan(GreetingLayout.LengthPrefix + EnvelopeLayout.MessageOffset, length);
    }

    private void Send(int length, in Hash256 digest)
    {
        MessageSignature.Sign(digest, _key, _buffer.AsSpan(
            GreetingLayout.LengthPrefix + EnvelopeLayout.SignatureOffset, EnvelopeLayout.SignatureLength));
        _gossip.Broadcast(_buffer.AsSpan(0, GreetingLayout.LengthPrefix + EnvelopeLayout.MessageOffset + length));
    }
}
