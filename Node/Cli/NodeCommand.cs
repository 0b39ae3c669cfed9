using System.CommandLine;
using System.Net;
using Fragcast.Gossip.Peers;
using Fragcast.Node.Config;
using Fragcast.Transport.Identity;

namespace Fragcast.Node.Cli;

/// <summary>fragcast node: one node of a network.</summary>
internal sealed class NodeCommand
{
    private const int RegionMax = 63;

    private readonly SharedOptions _shared = new();

    private readonly Option<string> _identity = new("--identity")
    {
        Description = "Key file of the node's Ed25519 identity; made when it does not exist",
        Required = true,
        HelpName = "FILE",
    };

    private readonly Option<string?> _sequencerKey = new("--sequencer-key")
    {
        Description = "Key file (secp256k1) of a sequencer; without it the node is a follower",
        HelpName = "FILE",
    };

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Address and UDP port to listen on",
        DefaultValueFactory = _ => "127.0.0.1:9440",
        HelpName = "ADDRESS:PORT",
    };

    private readonly Option<string[]> _peers = new("--peer")
    {
        Description = "A peer to keep a connection to; /PEERID makes it prove that identity",
        HelpName = "ADDRESS:PORT[/PEERID]",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _region = new("--region")
    {
        Description = "Where the node is, 0 to 63, by the network's list of regions",
        DefaultValueFactory = _ => 0,
        HelpName = "N",
    };

    private readonly Option<int> _uplink = new("--uplink")
    {
        Description = "What the node may send, in megabits a second; it keeps to it",
        DefaultValueFactory = _ => NodeOptions.UplinkMbpsDefault,
        HelpName = "MBPS",
    };

    private readonly ScheduleFlags _schedule = new();

    private readonly Option<int> _waitPeers = new("--wait-peers")
    {
        Description = "Peers that a sequencer waits for before its first block",
        DefaultValueFactory = _ => 0,
        HelpName = "N",
    };

    private readonly Option<string?> _trace = new("--trace")
    {
        Description = "Write the times taken on the hot path here at the end",
        HelpName = "FILE",
    };

    private readonly Option<string?> _result = new("--result")
    {
        Description = "Write what was committed and refused here at the end, as JSON",
        HelpName = "FILE",
    };

    private readonly Option<string?> _evidence = new("--evidence")
    {
        Description = "Keep proof of what leaders sign twice in this folder; made when it does not exist",
        HelpName = "FOLDER",
    };

    private readonly Option<bool> _libp2p = new("--libp2p")
    {
        Description = "Let libp2p nodes dial too, and answer their pings; with the ngtcp2 engine",
    };

    private readonly Option<bool> _exitWithInput = new("--exit-with-input")
    {
        Description = "End when standard input ends",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var options = new NodeCommand();
        var command = new Command("node", "Run one node: a sequencer with --sequencer-key, a follower without")
        {
            options._identity, options._sequencerKey, options._listen, options._peers,
            options._region, options._uplink,
            options._shared.Blocks, options._shared.Repeat, options._shared.Frags, options._shared.FragInterval,
            options._shared.WarmUp, options._shared.Transport, options._waitPeers, options._trace, options._result,
            options._evidence, options._libp2p, options._exitWithInput,
        };
        options._schedule.AddTo(command);
        command.SetAction(parsed => NodeRunner.Run(options.Read(parsed)));
        return command;
    }

    private NodeOptions Read(ParseResult parsed) => new()
    {
        IdentitySeed = KeyFiles.ReadOrCreate(parsed.GetValue(_identity)!),
        SequencerKey = parsed.GetValue(_sequencerKey) is { } file ? KeyFiles.Read(file) : null,
        Listen = ParseEndPoint(parsed.GetValue(_listen)!),
        Transport = _shared.ReadTransport(parsed),
        AcceptLibp2p = parsed.GetValue(_libp2p),
        Region = (byte)SharedOptions.InRange(_region, parsed.GetValue(_region), 0, RegionMax),
        UplinkMbps = (ushort)SharedOptions.InRange(_uplink, parsed.GetValue(_uplink), 1, ushort.MaxValue),
        Peers = (parsed.GetValue(_peers) ?? []).Select(ParsePeer).ToArray(),
        Schedule = _schedule.Read(parsed),
        BlockFiles = _shared.ReadBlocks(parsed),
        Repeat = _shared.ReadRepeat(parsed),
        FragsPerBlock = _shared.ReadFrags(parsed),
        FragInterval = _shared.ReadFragInterval(parsed),
        WarmUpRounds = _shared.ReadWarmUp(parsed),
        WaitPeers = parsed.GetValue(_waitPeers),
        TraceFile = parsed.GetValue(_trace),
        ResultFile = parsed.GetValue(_result),
        EvidenceFolder = parsed.GetValue(_evidence),
        ExitWithInput = parsed.GetValue(_exitWithInput),
    };

    private static IPEndPoint ParseEndPoint(string text) =>
        text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out IPEndPoint? endPoint)
            ? endPoint
            : throw new OperatorException($"'{text}' is not ADDRESS:PORT, for example 127.0.0.1:9440 or [::1]:9440");

    private static PeerAddress ParsePeer(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return new PeerAddress(ParseEndPoint(text), null);
        }

        return PeerId.TryParse(text.AsSpan(slash + 1), out PeerId id)
            ? new PeerAddress(ParseEndPoint(text[..slash]), id)
            : throw new OperatorException($"'{text[(slash + 1)..]}' is not a peer id of an Ed25519 key (12D3Koo…)");
    }
}
