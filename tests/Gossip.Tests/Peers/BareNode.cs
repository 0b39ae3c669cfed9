using System.Net;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Tests.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Tests.Peers;

/// <summary>A peer that greets and then sends whatever the test says.</summary>
internal sealed class BareNode : ITransportHandler, IDisposable
{
    private readonly ITransportEndpoint _endpoint;
    private ConnectionId _connection;

    public BareNode(IPEndPoint target)
    {
        _endpoint = TransportEndpoints.Create(
            HostIdentity.Generate(), new TransportOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) });
        _endpoint.Start(this);
        _endpoint.Dial(target, null);
    }

    /// <summary>Whether the other side has answered the greeting.</summary>
    public bool IsGreeted { get; private set; }

    public bool IsLost { get; private set; }

    public SendResult Send(ReadOnlySpan<byte> datagram) =>
        _endpoint.TrySendDatagram(_connection, datagram, EgressClass.Control);

    /// <summary>The chunks of a message as somebody signs them.</summary>
    public static EncodedMessage Encode(byte[] message, TestSequencer signer) => new(message, signer);

    public void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled)
    {
        _connection = connection;
        Span<byte> frame = stackalloc byte[ControlFrames.FramedLength];
        ControlFrames.WriteGreeting(frame, GossipCluster.Network);
        _endpoint.TryOpenStream(connection, out StreamId stream);
        _endpoint.TryWriteStream(stream, frame, EgressClass.Control);
    }

    public void OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason)
    {
    }

    public void OnDisconnected(ConnectionId connection, DisconnectReason reason) => IsLost = true;

    public void OnDatagram(ConnectionId connection, BufferLease datagram) => datagram.Release();

    public void OnStreamOpened(ConnectionId connection, StreamId stream)
    {
    }

    public void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end) => IsGreeted = true;

    public void OnStreamWritable(StreamId stream)
    {
    }

    public void OnStreamClosed(StreamId stream, ulong error)
    {
    }

    public void Dispose() => _endpoint.Dispose();

    internal sealed class EncodedMessage : IDisposable
    {
        private readonly PinnedBufferPool _pool = new(300);
        private readonly BufferLease[] _chunks = new BufferLease[ChunkLayout.TotalMax];
        private readonly int _total;

        public EncodedMessage(byte[] message, TestSequencer signer)
        {
            Assert.Equal(Refusal.None, Envelope.TryRead(message, out Envelope head));
            using var encoder = new ChunkEncoder(GossipCluster.Network, signer.Key.Span, _pool);
            var place = new ItemPlace(head.Epoch, head.BlockNumber, head.Sequence, head.Kind);
            var shape = ChunkShape.Of(message.Length, ChunkPlan.Default);
            Assert.True(encoder.TryEncode(message, place, shape, _chunks, out ItemHeader item));
            _total = item.Total;
        }

        public ReadOnlySpan<byte> Chunk(int index) => _chunks[index].Span;

        public void Dispose()
        {
            foreach (BufferLease chunk in _chunks.AsSpan(0, _total))
            {
                chunk.Release();
            }
        }
    }
}
