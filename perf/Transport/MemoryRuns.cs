using System.Net;
using Fragcast.Primitives.Reporting;
using Fragcast.Transport;
using Fragcast.Transport.Identity;

namespace Fragcast.Perf.Transport;

/// <summary>
/// What connections keep of memory while they idle, and that nothing is left of those that are gone. Both sides are in
/// this process.
/// </summary>
internal static class MemoryRuns
{
    private const double IdleMaxBytes = 64 << 10;

    // What was freed may stay with the allocators for later; a leak of 1 KiB a connection or 20 bytes a stream of the
    // full run is more.
    private const double ResidentGrowthMaxBytes = 4 << 20;
    private const double ManagedGrowthMaxBytes = 1 << 20;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>Connections that do nothing.</summary>
    public static void Idle(Bench bench)
    {
        foreach (EngineChoice engine in bench.Engines)
        {
            using Crowd near = new();
            using Crowd far = new();
            using ITransportEndpoint server = engine.Start(far);
            using ITransportEndpoint client = near.Endpoint = engine.Start(near);
            int warmUp = Math.Max(1, bench.Options.Idle / 20);
            bool isGood = near.TryGrow(warmUp, server);
            Thread.Sleep(Settling);
            MemoryUse before = MemoryUse.Read();
            isGood = isGood && near.TryGrow(warmUp + bench.Options.Idle, server);
            Thread.Sleep(Settling);
            MemoryUse used = MemoryUse.Read() - before;
            int held = Math.Min(near.Count, far.Count) - warmUp;
            if (!bench.Check(isGood && held == bench.Options.Idle, $"{bench.Options.Idle} connections, {engine.Name}"))
                continue;
            bench.Figures.Add(Figure.Single($"connections held in one process, {engine.Name}", "connections", held));
            double sides = 2.0 * held;
            bench.Figures.Add(
                Figure.Single($"resident memory per idle connection and side, {engine.Name}", "bytes",
                    used.ResidentBytes / sides).WithAtMost(FigurePart.Value, IdleMaxBytes));
            bench.Figures.Add(Figure.Single(
                $"of it managed, {engine.Name}", "bytes", used.ManagedBytes / sides));
        }
    }

    /// <summary>Connects and closes, then streams that come and go.</summary>
    public static void Churn(Bench bench)
    {
        foreach (EngineChoice engine in bench.Engines)
        {
            Connections(bench, engine);
            Streams(bench, engine);
        }
    }

    private static void Connections(Bench bench, EngineChoice engine)
    {
        using Crowd near = new();
        using Crowd far = new();
        using ITransportEndpoint server = engine.Start(far);
        using ITransportEndpoint client = near.Endpoint = engine.Start(near);
        // The first hundreds fill the tables and the allocators' arenas.
        int warmUp = Math.Max(20, bench.Options.Churn / 4);
        bool isGood = near.TryChurn(warmUp, server, far);
        MemoryUse before = MemoryUse.Read();
        isGood = isGood && near.TryChurn(bench.Options.Churn, server, far);
        MemoryUse grown = MemoryUse.Read() - before;
        string what = $"{bench.Options.Churn} connects and closes, {engine.Name}";
        if (bench.Check(isGood, what))
            AddGrowth(bench, what, grown);
    }

    private static void Streams(Bench bench, EngineChoice engine)
    {
        Responder responder = new();
        using StreamOpener opener = new();
        using ITransportEndpoint server = responder.Endpoint = engine.Start(responder);
        using ITransportEndpoint client = opener.Endpoint = engine.Start(opener);
        bool isGood = opener.TryConnect(server) && opener.TryRun(Math.Max(1000, bench.Options.Streams / 10));
        MemoryUse before = MemoryUse.Read();
        isGood = isGood && opener.TryRun(bench.Options.Streams);
        MemoryUse grown = MemoryUse.Read() - before;
        string what = $"{bench.Options.Streams} streams, {engine.Name}";
        if (bench.Check(isGood && responder.Wrong == 0, what))
            AddGrowth(bench, what, grown);
    }

    private static void AddGrowth(Bench bench, string what, MemoryUse grown)
    {
        bench.Figures.Add(Figure.Single($"resident memory grown by {what}", "bytes", grown.ResidentBytes)
            .WithAtMost(FigurePart.Value, ResidentGrowthMaxBytes));
        bench.Figures.Add(Figure.Single($"managed memory grown by {what}", "bytes", grown.ManagedBytes)
            .WithAtMost(FigurePart.Value, ManagedGrowthMaxBytes));
    }

    /// <summary>One side of many connections.</summary>
    private sealed class Crowd : QuietHandler, IDisposable
    {
        // Handshakes at once: below the number from which addresses have to be proven.
        private const int AtOnce = 16;

        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

        private readonly SemaphoreSlim _slots = new(AtOnce);
        private int _connected;
        private int _ended;
        private int _failed;
        private bool _closesAtOnce;

        public ITransportEndpoint? Endpoint { get; set; }

        /// <summary>Connections that are there.</summary>
        public int Count => Volatile.Read(ref _connected) - Volatile.Read(ref _ended);

        public void Dispose() => _slots.Dispose();

        /// <summary>Dials until there are so many connections.</summary>
        public bool TryGrow(int count, ITransportEndpoint server)
        {
            _closesAtOnce = false;
            return TryDial(count - Count, server) && SpinWait.SpinUntil(() => Count == count, Patience);
        }

        /// <summary>Connects and closes, some at a time, until both sides have seen the ends of so many.</summary>
        public bool TryChurn(int count, ITransportEndpoint server, Crowd far)
        {
            _closesAtOnce = true;
            int ended = Volatile.Read(ref _ended) + count;
            return TryDial(count, server)
                && SpinWait.SpinUntil(() => Volatile.Read(ref _ended) == ended, Patience)
                && SpinWait.SpinUntil(() => far.Count == 0, Patience);
        }

        public override void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled)
        {
            Interlocked.Increment(ref _connected);
            if (!dialled)
                return;
            if (_closesAtOnce)
                Endpoint!.Close(connection, 0);
            else
                _slots.Release();
        }

        public override void OnDisconnected(ConnectionId connection, DisconnectReason reason)
        {
            Interlocked.Increment(ref _ended);
            if (_closesAtOnce)
                _slots.Release();
        }

        public override void OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason)
        {
            Interlocked.Increment(ref _failed);
            _slots.Release();
        }

        private bool TryDial(int count, ITransportEndpoint server)
        {
            for (int i = 0; i < count; i++)
            {
                if (!_slots.Wait(Patience))
                    return false;
                Endpoint!.Dial(server.LocalEndPoint, server.LocalPeer);
            }

            return Volatile.Read(ref _failed) == 0;
        }
    }

    /// <summary>Opens streams on one connection, writes, reads what comes back, and opens the next.</summary>
    private sealed class StreamOpener : QuietHandler, IDisposable
    {
        private const int AtOnce = 32;
        private const int MessageBytes = 100;
        private const byte Fill = 0x5A;

        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

        private readonly byte[] _message = new byte[MessageBytes];
        private readonly ManualResetEventSlim _connected = new();
        private readonly ManualResetEventSlim _done = new();
        private ConnectionId _connection;
        private int _toOpen;
        private int _toClose;
        private long _received;
        private bool _isWrong;

        public ITransportEndpoint Endpoint { get; set; } = null!;

        public void Dispose()
        {
            _connected.Dispose();
            _done.Dispose();
        }

        public bool TryConnect(ITransportEndpoint server)
        {
            _message.AsSpan().Fill(Fill);
            _connection = Endpoint.Dial(server.LocalEndPoint, server.LocalPeer);
            return _connected.Wait(Patience);
        }

        public bool TryRun(int count)
        {
            _toOpen = count - AtOnce;
            _received = 0;
            // Release: the I/O thread sees the rest once a stream of this run closes.
            Volatile.Write(ref _toClose, count);
            _done.Reset();
            for (int i = 0; i < AtOnce; i++)
                Open();
            return _done.Wait(Patience) && !_isWrong && _received == (long)count * MessageBytes;
        }

        public override void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled) =>
            _connected.Set();

        // A message at the end of a packet comes in two pieces.
        public override void OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end)
        {
            _isWrong |= data.IndexOfAnyExcept(Fill) >= 0;
            _received += data.Length;
        }

        public override void OnStreamClosed(StreamId stream, ulong error)
        {
            _isWrong |= error != 0;
            if (_toOpen-- > 0)
                Open();
            if (--_toClose == 0)
                _done.Set();
        }

        private void Open()
        {
            if (Endpoint.TryOpenStream(_connection, out StreamId stream) != SendResult.Accepted
                || Endpoint.TryWriteStream(stream, _message, EgressClass.Control, end: true)
                    != SendResult.Accepted)
            {
                _isWrong = true;
                _done.Set();
            }
        }
    }
}
