using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Tests;

/// <summary>Keeps what happened, lets tests wait for it, and can echo. Waits end with a failure, never hang.</summary>
internal class RecordingHandler : ITransportHandler
{
    // Generous: the machine may be busy with other builds.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly object _changed = new();
    private int _inside;

    public ITransportEndpoint Endpoint { get; set; } = null!;

    public bool EchoDatagrams { get; set; }

    public bool EchoStreams { get; set; }

    public ConcurrentDictionary<ConnectionId, PeerId> Connected { get; } = new();

    public ConcurrentQueue<(ConnectionId Id, PeerId Peer, bool Dialled, IPEndPoint Remote)> Connects { get; } = new();

    public ConcurrentQueue<(ConnectionId Id, DisconnectReason Reason)> DialFailures { get; } = new();

    public ConcurrentQueue<(ConnectionId Id, DisconnectReason Reason)> Disconnects { get; } = new();

    public ConcurrentQueue<(ConnectionId Id, byte[] Payload)> Datagrams { get; } = new();

    public ConcurrentQueue<StreamId> StreamsOpened { get; } = new();

    public ConcurrentDictionary<StreamId, MemoryStream> StreamData { get; } = new();

    public ConcurrentDictionary<StreamId, bool> StreamEnds { get; } = new();

    public ConcurrentQueue<StreamId> Writable { get; } = new();

    public ConcurrentQueue<(StreamId Id, ulong Error)> StreamsClosed { get; } = new();

    public bool WasReentered { get; private set; }

    public virtual void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled) => Note(() =>
    {
        Connected[connection] = peer;
        Connects.Enqueue((connection, peer, dialled, remote));
    });

    public void OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason) =>
        Note(() => DialFailures.Enqueue((connection, reason)));

    public void OnDisconnected(ConnectionId connection, DisconnectReason reason) => Note(() =>
    {
        Connected.TryRemove(connection, out _);
        Disconnects.Enqueue((connection, reason));
    });

    public virtual void OnDatagram(ConnectionId connection, BufferLease datagram) => Note(() =>
    {
        if (EchoDatagrams)
        {
            Endpoint.TrySendDatagram(connection, datagram, EgressClass.Realtime);
        }

        Datagrams.Enqueue((connection, datagram.Span.ToArray()));
        datagram.Release();
    });

    public void OnStreamOpened(ConnectionId connection, StreamId stream) => Note(() => StreamsOpened.Enqueue(stream));

    public virtual void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end)
    {
        byte[] copy = data.ToArray();
        Note(() =>
        {
            StreamData.GetOrAdd(stream, _ => new MemoryStream()).Write(copy);
            if (end)
            {
                StreamEnds[stream] = true;
            }
        });
        if (EchoStreams)
        {
            Assert.Equal(SendResult.Accepted, Endpoint.TryWriteStream(stream, data, EgressClass.Control, end));
        }
    }

    public virtual void OnStreamWritable(StreamId stream) => Note(() => Writable.Enqueue(stream));

    public void OnStreamClosed(StreamId stream, ulong error) => Note(() => StreamsClosed.Enqueue((stream, error)));

    /// <summary>Waits until something is so; looks again after every event.</summary>
    public void WaitUntil(Func<bool> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        lock (_changed)
        {
            while (!condition())
            {
                Assert.True(clock.Elapsed < Patience, $"waited in vain for: {what}. {this}");
                Monitor.Wait(_changed, 20);
            }
        }
    }

    public ConnectionId WaitForConnection()
    {
        WaitUntil(() => !Connected.IsEmpty || !DialFailures.IsEmpty, "a connection");
        Assert.True(DialFailures.IsEmpty, $"the dial failed. {this}");
        return Connected.Keys.First();
    }

    public DisconnectReason WaitForDialFailure()
    {
        WaitUntil(() => !DialFailures.IsEmpty, "a failed dial");
        return DialFailures.First().Reason;
    }

    public DisconnectReason WaitForDisconnect()
    {
        WaitUntil(() => !Disconnects.IsEmpty, "a disconnect");
        return Disconnects.First().Reason;
    }

    public override string ToString() =>
        $"Seen: {Connects.Count} connects, {Datagrams.Count} datagrams, {StreamsOpened.Count} streams opened, " +
        $"{StreamsClosed.Count} closed, dial failures [{string.Join("; ", DialFailures.Select(f => f.Reason))}], " +
        $"disconnects [{string.Join("; ", Disconnects.Select(d => d.Reason))}].";

    protected void Note(Action record)
    {
        WasReentered |= Interlocked.Exchange(ref _inside, 1) != 0;
        lock (_changed)
        {
            record();
            Monitor.PulseAll(_changed);
        }

        Volatile.Write(ref _inside, 0);
    }
}
