using System.CommandLine;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Fixtures;

namespace Fragcast.Node.Cli;

/// <summary>fragcast replay: executes block files in this process.</summary>
internal static class ReplayCommand
{
    private const double NsPerMillisecond = 1e6;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Block files (JSON, may be gzipped), in order; consecutive ones continue on the same state",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "replay", "Execute block files in one process and compare their hashes with the real chain's") { files };
        command.SetAction(parsed => Run(parsed.GetValue(files)!));
        return command;
    }

    private static int Run(string[] files)
    {
        // The runtime compiles the EVM on the other core while the files are read.
        var warmUp = new Thread(static () => TierWarmUp.Run()) { IsBackground = true, Name = "warm-up" };
        warmUp.Start();
        BlockFixture[] blocks = [.. files.Select(BlockFixture.Read)];
        warmUp.Join();
        var replayer = new BlockReplayer(MonotonicClock.NowNs);
        int different = 0;
        foreach (BlockFixture block in blocks)
        {
            ReplayedBlock replayed = replayer.Replay(block);
            string verdict = replayed.IsEqual ? "equal" : replayed.Problem ?? "DIFFERENT";
            Console.Out.WriteLine(
                $"{replayed.Number} {replayed.Hash} expected {replayed.ExpectedHash} gas {replayed.GasUsed} "
                + $"{replayed.ElapsedTicks / NsPerMillisecond:F2} ms {verdict}");
            different += replayed.IsEqual ? 0 : 1;
        }

        return different == 0 ? CommandLine.ExitSuccess : CommandLine.ExitDifference;
    }
}
