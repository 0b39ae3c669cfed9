using System.Net;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;
using Fragcast.Transport;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Perf.Transport;

/// <summary>
/// Full handshakes with certificates of both sides, one after the other, and a 200 B datagram there and back right
/// after each.
/// </summary>
internal static class ConnectRuns
{
    private const int MessageBytes = 200;
    private const int WarmUp = 10;
    private const long LongestNs = 60_000_000_000;

    public static void Run(Bench bench)
    {
        foreach (EngineChoice engine in bench.Engines)
        {
            Responder responder = new();
            using Dialler dialler = new();
            using ITransportEndpoint far = responder.Endpoint = engine.Start(responder);
            using ITransportEndpoint near = dialler.Endpoint = engine.Start(dialler);
            LatencyHistogram connects = new(LongestNs);
            LatencyHistogram messages = new(LongestNs);
            for (int i = -WarmUp; i < bench.Options.Connects; i++)
            {
                if (!bench.Check(dialler.TryOnce(far, connects, messages), $"connect, {engine.Name}"))
                    break;
                if (i >= 0)
                    continue;
                connects.Reset();
                messages.Reset();
            }

            bench.Figures.Add(Figure.Latency($"connect, mutual TLS, no resumption, {engine.Name}", connects));
            bench.Figures.Add(
                Figure.Latency($"first message after connect, {MessageBytes} B, {engine.Name}", messages));
        }
    }

    private sealed class Dialler : QuietHandler, IDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

        private readonly byte[] _message = new byte[MessageBytes];
        private readonly AutoResetEvent _ended = new(false);
        private long _connectedNs;
        private long _answeredNs;
        private bool _isGood;

        public ITransportEndpoint Endpoint { get; set; } = null!;

        public void Dispose() => _ended.Dispose();

        /// <summary>Connects, exchanges, closes and waits until all of it is over.</summary>
        public bool TryOnce(ITransportEndpoint far, LatencyHistogram connects, LatencyHistogram messages)
        {
            _isGood = false;
            Random.Shared.NextBytes(_message);
            long startedNs = Cost.NowNs;
            ConnectionId connection = Endpoint.Dial(far.LocalEndPoint, far.LocalPeer);
            if (!_ended.WaitOne(Patience))
            {
                Endpoint.Close(connection, 0);
                return false;
            }

            connects.Record(_connectedNs - startedNs);
            messages.Record(_answeredNs - _connectedNs);
            return _isGood;
        }

        public override void OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled)
        {
            _connectedNs = Cost.NowNs;
            _ = Endpoint.TrySendDatagram(connection, _message, EgressClass.Realtime);
        }

        public override void OnDatagram(ConnectionId connection, BufferLease datagram)
        {
            _answeredNs = Cost.NowNs;
            _isGood = datagram.Span.SequenceEqual(_message);
            datagram.Release();
            Endpoint.Close(connection, 0);
        }

        public override void OnDisconnected(ConnectionId connection, DisconnectReason reason) => _ended.Set();

        public override void OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason) =>
            _ended.Set();
    }
}
