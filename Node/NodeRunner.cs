using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Fragcast.Execution.Trie;
using Fragcast.Gossip;
using Fragcast.Gossip.Peers;
using Fragcast.Node.Cli;
using Fragcast.Node.Config;
using Fragcast.Node.Devnet;
using Fragcast.Node.Schedules;
using Fragcast.Node.Stages;
using Fragcast.Node.Tracing;
using Fragcast.Primitives;
using Fragcast.Schedule;
using Fragcast.Transport;
using Fragcast.Transport.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Fragcast.Node;

/// <summary>Runs one node until it is told to stop.</summary>
internal static class NodeRunner
{
    // A stream must be able to hold the longest message, and a little of the next.
    private const int StreamSendBufferBytes = 4 * 1024 * 1024;

    // The engine that libp2p nodes can dial; see TransportOptions.AcceptLibp2p.
    private const string Libp2pEngine = "ngtcp2";

    // Chunks lie in these for as long as peers may ask for them.
    private const int ReceiveLeases = 16_384;
    private const int ChunksMax = 12_288;

    // The longest message with its parity.
    private const int DatagramQueueBytes = 4 * 1024 * 1024;

    /// <summary>Runs a node.</summary>
    /// <returns>An exit code of <see cref="CommandLine"/>.</returns>
    public static int Run(NodeOptions options)
    {
        EvidenceFolder? evidence =
            options.EvidenceFolder is { } folder ? EvidenceFolder.Open(folder) : null;
        using ILoggerFactory loggers = CreateLoggers();
        ILogger logger = loggers.CreateLogger("node");
        using ScheduleSource source = ScheduleSource.Start(options.Schedule, logger);
        ILeaderSchedule schedule = source.Schedule;
        BuilderOptions? builder = BuilderOf(options, schedule, logger);
        ChainPlan plan = ChainPlan.Load(options.BlockFiles, options.Repeat);

        using var stop = new ManualResetEventSlim();
        using PosixSignalRegistration interrupt = StopOn(PosixSignal.SIGINT, stop);
        using PosixSignalRegistration terminate = StopOn(PosixSignal.SIGTERM, stop);
        if (options.ExitWithInput)
        {
            StopWithInput(stop);
        }

        using TrieCrew crew = Topology.StartCrew();
        WarmUp.Run(plan, options.WarmUpRounds, options.FragsPerBlock, crew);
        if (options.WarmUpRounds > 0)
        {
            GossipRehearsal.Run(options.Transport);
        }

        var identity = HostIdentity.FromSeed(options.IdentitySeed);
        ITransportEndpoint endpoint = CreateEndpoint(identity, options, logger);
        bool faulted = false;
        using var finished = new ManualResetEventSlim();
        var topology = new Topology(
            endpoint, new Chain(plan, crew), GossipOf(options, plan), schedule, builder,
            options.TraceFile is not null, logger, () =>
            {
                faulted = true;
                stop.Set();
            },
            evidence);
        try
        {
            topology.Execute.BlockCommitted =
                block => NodeProcess.SayCommitted(block.Number, block.Hash, block.Epoch);
            topology.Execute.Finished = finished.Set;
            topology.Start();
            logger.LogInformation(
                "{Role} {Peer} listens on {EndPoint} by {Transport}", Role(options), endpoint.LocalPeer,
                endpoint.LocalEndPoint, endpoint.Description);
            NodeProcess.SayReady();

            WaitHandle.WaitAny([finished.WaitHandle, stop.WaitHandle]);
            if (finished.IsSet)
            {
                NodeProcess.SayDone();
                stop.Wait();
            }
        }
        finally
        {
            topology.Dispose();
        }

        WriteResults(options, topology, endpoint);
        if (topology.Buffers.Outstanding != 0)
        {
            logger.LogError("{Count} message buffers were not given back", topology.Buffers.Outstanding);
        }

        return faulted ? CommandLine.ExitDifference : CommandLine.ExitSuccess;
    }

    private static ITransportEndpoint CreateEndpoint(HostIdentity identity, NodeOptions options, ILogger logger)
    {
        ITransportEndpoint endpoint = TransportEndpoints.Create(identity, new TransportOptions
        {
            Engine = options.Transport,
            Listen = options.Listen,
            StreamSendBufferBytes = StreamSendBufferBytes,
            ReceiveLeases = ReceiveLeases,
            DatagramQueueBytes = DatagramQueueBytes,
            FaultObserver = error => logger.LogError(error, "a transport event failed"),
            AcceptLibp2p = options.AcceptLibp2p,
            Libp2pObserver = peer => logger.LogInformation("libp2p node {Peer} has connected", peer),
        });
        if (options.AcceptLibp2p && endpoint.Description.Engine != Libp2pEngine)
        {
            endpoint.Dispose();
            throw new OperatorException(
                $"--libp2p needs the engine {Libp2pEngine}, and this node uses {endpoint.Description.Engine}; "
                + "install libngtcp2, or leave --libp2p away");
        }

        return endpoint;
    }

    private static ILoggerFactory CreateLoggers() => LoggerFactory.Create(logging => logging
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        }));

    private static BuilderOptions? BuilderOf(NodeOptions options, ILeaderSchedule schedule, ILogger logger)
    {
        if (options.SequencerKey is not { } key)
        {
            return null;
        }

        Address signer = SequencerKeys.AddressOf(key, "--sequencer-key");
        if (!schedule.Sequencers.Contains(signer))
        {
            if (schedule.IsClosed)
            {
                throw new OperatorException(
                    $"the address of --sequencer-key, {signer}, is not among the --sequencer addresses");
            }

            logger.LogInformation("the schedule does not name {Signer} yet, the address of --sequencer-key", signer);
        }

        return new BuilderOptions
        {
            SequencerKey = key,
            Signer = signer,
            FragsPerBlock = options.FragsPerBlock,
            FragIntervalNs = (long)options.FragInterval.TotalNanoseconds,
            WaitPeers = options.WaitPeers,
        };
    }

    private static GossipSettings GossipOf(NodeOptions options, ChainPlan plan) => new()
    {
        NetworkId = plan.NetworkId,
        IdentitySeed = options.IdentitySeed,
        Dials = new DialPlan(options.Peers),
        Region = options.Region,
        UplinkMbps = options.UplinkMbps,
        ChunksMax = ChunksMax,
        Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong))),
    };

    private static void WriteResults(NodeOptions options, Topology topology, ITransportEndpoint endpoint)
    {
        try
        {
            if (options.TraceFile is { } trace)
            {
                TraceFile.Write(trace, topology.Execute.Trace);
            }

            if (options.ResultFile is { } result)
            {
                ResultOf(options, topology, endpoint).Write(result);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"the results cannot be written: {error.Message}");
        }
    }

    private static NodeResult ResultOf(NodeOptions options, Topology topology, ITransportEndpoint endpoint) => new()
    {
        PeerId = endpoint.LocalPeer.ToString(),
        Role = Role(options),
        Transport = endpoint.Description.ToString(),
        Blocks = topology.Execute.Committed,
        Frags = topology.Execute.Frags,
        Refusals = Enum.GetValues<Refusal>()
            .Select(reason => (Name: reason.ToString(), Count: topology.Refusals.Ledger.Count(reason)))
            .Where(reason => reason.Count > 0)
            .ToDictionary(reason => reason.Name, reason => reason.Count),
        BroadcastDrops = topology.Gossip.BroadcastDrops,
        TraceDropped = topology.Execute.Trace.Dropped,
    };

    private static string Role(NodeOptions options) => options.SequencerKey is null ? "follower" : "sequencer";

    private static PosixSignalRegistration StopOn(PosixSignal signal, ManualResetEventSlim stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            // The node ends by itself, in good order.
            context.Cancel = true;
            stop.Set();
        });

    private static void StopWithInput(ManualResetEventSlim stop)
    {
        var watcher = new Thread(() =>
        {
            while (Console.In.Read() >= 0)
            {
                // Whatever is written is of no interest; the end is.
            }

            stop.Set();
        })
        {
            IsBackground = true,
            Name = "input-watch",
        };
        watcher.Start();
    }
}
