using System.Net;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Tests.Quic;

/// <summary>
/// Nothing is allocated per message, on any of the threads involved. The runtime allocates a few bytes once, at a
/// moment of its own (the first contention of a lock), also on these threads; so each test measures several runs of
/// messages and looks at the one that allocated least: what a message allocates shows in all of them.
/// </summary>
public sealed class AllocationTests : TransportFixture
{
    private const int Warmup = 3000;
    private const int Measured = 2000;
    private const int Runs = 3;

    [Theory]
    [MemberData(nameof(NgtcpPairs))]
    public void Datagrams_BackAndForth_AllocateNothing(string dialler, string acceptor)
    {
        using BouncingHandler near = new();
        using BouncingHandler far = new();
        ConnectionId connection = Connect(dialler, acceptor, near, far);

        // A round trip is started again if the network has lost one: the test is about allocation.
        while (!near.Done.Wait(TimeSpan.FromSeconds(1)))
        {
            Assert.Equal(
                SendResult.Accepted, near.Endpoint.TrySendDatagram(connection, new byte[1000], EgressClass.Realtime));
        }

        Assert.True(far.Done.Wait(TimeSpan.FromSeconds(60)), "the far side stopped");
        Assert.Equal(0, near.Allocated);
        Assert.Equal(0, far.Allocated);
    }

    [Theory]
    [MemberData(nameof(NgtcpPairs))]
    public void Streams_BackAndForth_AllocateNothing(string dialler, string acceptor)
    {
        using BouncingHandler near = new();
        using BouncingHandler far = new();
        ConnectionId connection = Connect(dialler, acceptor, near, far);
        Assert.Equal(SendResult.Accepted, near.Endpoint.TryOpenStream(connection, out StreamId stream));

        Assert.Equal(SendResult.Accepted, near.Endpoint.TryWriteStream(stream, new byte[1000], EgressClass.Control));

        Assert.True(near.Done.Wait(TimeSpan.FromSeconds(60)), "the stream stopped");
        Assert.True(far.Done.Wait(TimeSpan.FromSeconds(60)), "the far side stopped");
        Assert.Equal(0, near.Allocated);
        Assert.Equal(0, far.Allocated);
    }

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void Sender_OnItsOwnThread_AllocatesNothing(string engine)
    {
        using BouncingHandler near = new();
        using BouncingHandler far = new() { IsSilent = true };
        ConnectionId connection = Connect(engine, engine, near, far);
        byte[] payload = new byte[500];
        Assert.Equal(SendResult.Accepted, near.Endpoint.TryOpenStream(connection, out StreamId stream));
        // The list of a stream's chunks grows with the bytes that wait, up to the bound: reach it once.
        while (near.Endpoint.TryWriteStream(stream, payload, EgressClass.Control) == SendResult.Accepted)
        {
        }

        LeastAllocated least = new();
        for (int i = 0; i < Warmup + (Runs * Measured); i++)
        {
            least.Count();
            // Some are refused when the I/O thread falls behind, which must not allocate either.
            _ = near.Endpoint.TrySendDatagram(connection, payload, EgressClass.Bulk);
            _ = near.Endpoint.TryWriteStream(stream, payload, EgressClass.Control);
            _ = near.Endpoint.TryGetPath(connection, out _);
        }

        Assert.True(least.Count());
        Assert.Equal(0, least.Bytes);
    }

    private ConnectionId Connect(string dialler, string acceptor, BouncingHandler near, BouncingHandler far)
    {
        // 13 chunks or, unaligned, 14: the list of a stream's chunks has 16 places once it has grown.
        TransportOptions options = Loopback with { StreamSendBufferBytes = 100_000 };
        near.Endpoint = Own(EnginePairs.Create(dialler, options));
        far.Endpoint = Own(EnginePairs.Create(acceptor, options));
        near.Endpoint.Start(near);
        far.Endpoint.Start(far);
        ConnectionId connection = near.Endpoint.Dial(far.Endpoint.LocalEndPoint, far.Endpoint.LocalPeer);
        Assert.True(near.Connected.Wait(TimeSpan.FromSeconds(30)), "no connection");
        return connection;
    }

    /// <summary>Sends everything back, and measures what its I/O thread allocates after the first many.</summary>
    private sealed class BouncingHandler : ITransportHandler, IDisposable
    {
        private readonly LeastAllocated _least = new();
        private long _allocated = -1;

        public ITransportEndpoint Endpoint { get; set; } = null!;

        public bool IsSilent { get; init; }

        public ManualResetEventSlim Connected { get; } = new();

        public ManualResetEventSlim Done { get; } = new();

        public long Allocated => Volatile.Read(ref _allocated);

        public void Dispose()
        {
            Connected.Dispose();
            Done.Dispose();
        }

        public void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled) =>
            Connected.Set();

        public void OnDatagram(ConnectionId connection, BufferLease datagram)
        {
            if (!IsSilent)
            {
                Count();
                _ = Endpoint.TrySendDatagram(connection, datagram.Span, EgressClass.Realtime);
            }

            datagram.Release();
        }

        public void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end)
        {
            if (!IsSilent)
            {
                Count();
                _ = Endpoint.TryWriteStream(stream, data, EgressClass.Control);
            }
        }

        public void OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason)
        {
        }

        public void OnDisconnected(ConnectionId connection, DisconnectReason reason)
        {
        }

        public void OnStreamOpened(ConnectionId connection, StreamId stream)
        {
        }

        public void OnStreamWritable(StreamId stream)
        {
        }

        public void OnStreamClosed(StreamId stream, ulong error)
        {
        }

        private void Count()
        {
            if (_least.Count())
            {
                Volatile.Write(ref _allocated, _least.Bytes);
                Done.Set();
            }
        }
    }

    /// <summary>The least that a run of messages allocated on the thread that counts them.</summary>
    private sealed class LeastAllocated
    {
        private int _count;
        private long _before;

        public long Bytes { get; private set; } = long.MaxValue;

        /// <summary>Counts one message before it is handled.</summary>
        /// <returns>True for the first one after the last run.</returns>
        public bool Count()
        {
            int ofRuns = _count++ - Warmup;
            if (ofRuns < 0 || ofRuns % Measured != 0 || ofRuns > Runs * Measured)
                return false;
            long now = GC.GetAllocatedBytesForCurrentThread();
            if (ofRuns > 0)
                Bytes = Math.Min(Bytes, now - _before);
            _before = now;
            return ofRuns == Runs * Measured;
        }
    }
}
