using System.CommandLine;
using Fragcast.Node.Devnet;

namespace Fragcast.Node.Cli;

/// <summary>fragcast devnet: a network of node processes on loopback.</summary>
internal static class DevnetCommand
{
    private const int NodesMax = 64;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var sequencers = new Option<int>("--sequencers")
        {
            Description = "Sequencers, which take turns block by block",
            DefaultValueFactory = _ => 2,
            HelpName = "N",
        };
        var followers = new Option<int>("--followers")
        {
            Description = "Followers",
            DefaultValueFactory = _ => 4,
            HelpName = "N",
        };
        var shared = new SharedOptions();
        var json = new Option<string?>("--json")
        {
            Description = "Write the figures here, as JSON",
            HelpName = "FILE",
        };
        var timeout = new Option<int>("--timeout")
        {
            Description = "Give up after so many seconds without any progress",
            DefaultValueFactory = _ => 60,
            HelpName = "S",
        };
        var keep = new Option<string?>("--keep")
        {
            Description = "Keep keys, logs and traces of the nodes in this new folder",
            HelpName = "FOLDER",
        };
        var command = new Command(
            "devnet", "Run sequencers and followers as processes on loopback, carry real blocks as frags, and measure")
        {
            sequencers, followers, shared.Blocks, shared.Repeat, shared.Frags, shared.FragInterval, shared.WarmUp,
            shared.Transport, json, timeout, keep,
        };
        command.SetAction(parsed =>
        {
            using var runner = new DevnetRunner(new DevnetOptions
            {
                Sequencers = SharedOptions.InRange(sequencers, parsed.GetValue(sequencers), 1, NodesMax),
                Followers = SharedOptions.InRange(followers, parsed.GetValue(followers), 0, NodesMax),
                BlockFiles = shared.ReadBlocks(parsed),
                Repeat = shared.ReadRepeat(parsed),
                FragsPerBlock = shared.ReadFrags(parsed),
                FragInterval = shared.ReadFragInterval(parsed),
                WarmUpRounds = shared.ReadWarmUp(parsed),
                Transport = shared.ReadTransport(parsed),
                JsonFile = parsed.GetValue(json),
                StallTimeout = TimeSpan.FromSeconds(
                    SharedOptions.InRange(timeout, parsed.GetValue(timeout), 1, 24 * 60 * 60)),
                KeepFolder = parsed.GetValue(keep),
            });
            return runner.Run();
        });
        return command;
    }
}
