using System.CommandLine;
using System.Net;
using Fragcast.Gossip.Peers;
using Fragcast.Node.Config;
using Fragcast.Primitives;
using Fragcast.Transport.Identity;

namespace Fragcast.Node.Cli;

/// <summary>fragcast node: one node of a network.</summary>
internal static class NodeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var identity = new Option<string>("--identity")
        {
            Description = "Key file of the node's Ed25519 identity; made when it does not exist",
            Required = true,
            HelpName = "FILE",
        };
        var sequencerKey = new Option<string?>("--sequencer-key")
        {
            Description = "Key file (secp256k1) of a sequencer; without it the node is a follower",
            HelpName = "FILE",
        };
        var listen = new Option<string>("--listen")
        {
            Description = "Address and UDP port to listen on",
            DefaultValueFactory = _ => "127.0.0.1:9440",
            HelpName = "ADDRESS:PORT",
        };
        var peers = new Option<string[]>("--peer")
        {
            Description = "A peer to keep a connection to; /PEERID makes it prove that identity",
            HelpName = "ADDRESS:PORT[/PEERID]",
            AllowMultipleArgumentsPerToken = true,
        };
        var sequencers = new Option<string[]>("--sequencer")
        {
            Description = "Signing address of a sequencer; they take turns of one block in the order given",
            Required = true,
            HelpName = "0xADDRESS",
            AllowMultipleArgumentsPerToken = true,
        };
        var shared = new SharedOptions();
        var waitPeers = new Option<int>("--wait-peers")
        {
            Description = "Peers that a sequencer waits for before its first block",
            DefaultValueFactory = _ => 0,
            HelpName = "N",
        };
        var trace = new Option<string?>("--trace")
        {
            Description = "Write the times taken on the hot path here at the end",
            HelpName = "FILE",
        };
        var result = new Option<string?>("--result")
        {
            Description = "Write what was committed and refused here at the end, as JSON",
            HelpName = "FILE",
        };
        var exitWithInput = new Option<bool>("--exit-with-input")
        {
            Description = "End when standard input ends",
        };
        var command = new Command("node", "Run one node: a sequencer with --sequencer-key, a follower without")
        {
            identity, sequencerKey, listen, peers, sequencers, shared.Blocks, shared.Repeat, shared.Frags,
            shared.FragInterval, waitPeers, trace, result, exitWithInput,
        };
        command.SetAction(parsed => NodeRunner.Run(new NodeOptions
        {
            IdentitySeed = KeyFiles.ReadOrCreate(parsed.GetValue(identity)!),
            SequencerKey = parsed.GetValue(sequencerKey) is { } file ? KeyFiles.Read(file) : null,
            Listen = ParseEndPoint(parsed.GetValue(listen)!),
            Peers = (parsed.GetValue(peers) ?? []).Select(ParsePeer).ToArray(),
            Sequencers = parsed.GetValue(sequencers)!.Select(ParseAddress).ToArray(),
            BlockFiles = shared.ReadBlocks(parsed),
            Repeat = shared.ReadRepeat(parsed),
            FragsPerBlock = shared.ReadFrags(parsed),
            FragInterval = shared.ReadFragInterval(parsed),
            WaitPeers = parsed.GetValue(waitPeers),
            TraceFile = parsed.GetValue(trace),
            ResultFile = parsed.GetValue(result),
            ExitWithInput = parsed.GetValue(exitWithInput),
        }));
        return command;
    }

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

    private static Address ParseAddress(string text) =>
        Address.TryParse(text, out Address address)
            ? address
            : throw new OperatorException($"'{text}' is not an address of 20 bytes in hex");
}
