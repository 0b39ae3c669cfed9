using Fragcast.Execution.Trie;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Node.Stages;
using Fragcast.Node.Tracing;
using Fragcast.Schedule;
using Fragcast.Schedule.Sources;
using Fragcast.Transport;
using Fragcast.Transport.Rings;
using Microsoft.Extensions.Logging;

namespace Fragcast.Node;

/// <summary>
/// Every ring and every thread of a node. Start reading here.
/// </summary>
/// <remarks>
/// <code>
/// stage     reads              writes      depth   the edge behind it
/// --------  -----------------  ----------  ------  ----------------------------------------------------------
/// quic-io   UDP, publish queue inbound     1,024   drops when full, counted as NoBuffer: I/O never waits
/// verify    inbound            verified    1,024   reliable: verify waits for execute
/// execute   verified, builder  outbound      256   reliable: the builder waits for publish
/// publish   outbound           publish queue 256   drops when full, counted: the builder never waits for the network
/// tick      clock              dials, evidence -   every 50 ms
/// trie-0…   frags executed     roots         512   reliable: execute waits; all cores but one, see StartCrew
/// </code>
/// The I/O thread does what is in between, chunk by chunk: it proves, relays, repairs and puts together what comes, and
/// codes, signs and sends what the publish queue has; see <see cref="GossipNode"/>.
/// A small machine has no cores to burn, so every stage parks when it has nothing to do and is woken by its ring.
/// </remarks>
internal sealed class Topology : IDisposable
{
    /// <summary>Received messages on their way to verify: ten seconds of frags at 10 ms.</summary>
    public const int InboundDepth = 1024;

    /// <summary>Verified messages on their way to execute.</summary>
    public const int VerifiedDepth = 1024;

    /// <summary>Built messages on their way to publish: two seconds of frags at 10 ms, with Envs and seals.</summary>
    public const int OutboundDepth = 256;

    private const long TickNs = 50_000_000;

    // A sequencer looks at the clock this often while it waits for the next frag's time.
    private const long BuilderIdleNs = 500_000;

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly ITransportEndpoint _endpoint;
    private readonly RingBuffer<InboundMessage> _inbound;
    private readonly RingBuffer<VerifiedMessage> _verified;
    private readonly RingBuffer<OutboundMessage> _outbound;
    private readonly EvidenceQueue _evidence;
    private readonly VerifyStage _verify;
    private readonly PublishStage? _publish;
    private readonly List<Stage> _stages = [];
    private readonly ILogger _logger;
    private readonly Action _onFault;

    /// <summary>Creates the rings and stages; nothing runs yet.</summary>
    /// <param name="endpoint">The transport, not started; owned from now on.</param>
    /// <param name="chain">The chain that this node follows.</param>
    /// <param name="gossip">Settings of the gossip; the builder's key is added to them.</param>
    /// <param name="schedule">Who leads when.</param>
    /// <param name="builder">What a sequencer builds from; null for a follower.</param>
    /// <param name="trace">Whether times are taken.</param>
    /// <param name="logger">For events worth a line.</param>
    /// <param name="onFault">Called when a stage has failed for a reason that is a programmer's error.</param>
    /// <param name="evidence">Where proof of equivocations is kept; null for nowhere.</param>
    public Topology(
        ITransportEndpoint endpoint, Chain chain, GossipSettings gossip, ILeaderSchedule schedule,
        BuilderOptions? builder, bool trace, ILogger logger, Action onFault, EvidenceFolder? evidence = null)
    {
        _endpoint = endpoint;
        _logger = logger;
        _onFault = onFault;
        Refusals = new RefusalLog(logger);
        Buffers = new MessageBuffers();
        _inbound = new RingBuffer<InboundMessage>(InboundDepth, ProducerKind.Single);
        _verified = new RingBuffer<VerifiedMessage>(VerifiedDepth, ProducerKind.Single);
        _outbound = new RingBuffer<OutboundMessage>(OutboundDepth, ProducerKind.Single, () => new OutboundMessage());

        var gate = new MessageGate(schedule, chain.NetworkId);
        _evidence = new EvidenceQueue(evidence);
        var sink = new InboundSink(_inbound, Refusals, _evidence, logger);
        GossipSettings settings = builder is null ? gossip : gossip with { SequencerKey = builder.SequencerKey };
        Gossip = new GossipNode(endpoint, sink, settings, schedule, Buffers, MonotonicClock.NowNs);
        _verify = new VerifyStage(_inbound, _verified, gate, Refusals, evidence, Gossip.AddEvidence);
        if (schedule is LiveSchedule live)
        {
            live.Changed += _verify.OnScheduleChanged;
        }

        Execute = new ExecuteStage(
            _verified, chain, gate, Gossip, Refusals, logger,
            new LatencyTrace(trace ? LatencyTrace.CapacityDefault : 0),
            builder is null ? null : new BlockBuilder(builder, chain, schedule, Gossip, _outbound));
        _publish = builder is null
            ? null
            : new PublishStage(_outbound, Gossip, chain.NetworkId, builder.SequencerKey);
    }

    /// <summary>
    /// Starts the threads that hash a frag's outcome while the next one is executed. They outlive the topology, since
    /// the chain that it is given uses them.
    /// </summary>
    public static TrieCrew StartCrew() => new(TrieCrew.ThreadsFor(Environment.ProcessorCount));

    /// <summary>Refusals of all stages.</summary>
    public RefusalLog Refusals { get; }

    /// <summary>Where received messages are gathered.</summary>
    public MessageBuffers Buffers { get; }

    /// <summary>The peers.</summary>
    public GossipNode Gossip { get; }

    /// <summary>The stage that owns the chain.</summary>
    public ExecuteStage Execute { get; }

    /// <summary>Starts the stages from the back to the front, the transport last.</summary>
    public void Start()
    {
        if (_publish is not null)
        {
            Run("publish", _publish, WakeSignal.InfiniteNs, _publish.WakeOn);
        }

        Run("execute", Execute, _publish is null ? WakeSignal.InfiniteNs : BuilderIdleNs, Execute.WakeOn);
        Run("verify", _verify, WakeSignal.InfiniteNs, _verify.WakeOn);
        Gossip.Start();
        Run("tick", new TickStage(Gossip, _evidence), TickNs, static _ => { });
    }

    /// <summary>Stops from the front to the back, so that what is in the rings is given back.</summary>
    public void Dispose()
    {
        _endpoint.Dispose();
        _inbound.Close();
        for (int i = _stages.Count - 1; i >= 0; i--)
        {
            _stages[i].Stop();
            if (!_stages[i].Join(StopPatience))
            {
                _logger.LogError(
                    "the {Stage} stage did not stop in {Seconds} s", _stages[i].Name, StopPatience.TotalSeconds);
            }
        }

        Gossip.Dispose();
        _publish?.Dispose();
    }

    private void Run(string name, IStageWork work, long idleMaxNs, Action<WakeSignal> wakeOn)
    {
        var signal = new ParkingSignal();
        wakeOn(signal);
        _stages.Add(Stage.Start<Blocking>(name, work, new StageOptions
        {
            Signal = signal,
            IdleMaxNs = idleMaxNs,
            OnFault = OnStageFault,
        }));
    }

    private void OnStageFault(Stage stage, Exception error)
    {
        _logger.LogCritical(error, "the {Stage} stage failed", stage.Name);
        _onFault();
    }
}
