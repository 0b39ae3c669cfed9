using System.CommandLine;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.State;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Node.Cli;

/// <summary>fragcast genesis: what a chain starts from, read from geth's form, and written as a snapshot.</summary>
internal static class GenesisCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Genesis file in geth's form (JSON, may be gzipped)" };
        var snapshot = new Option<string?>("--snapshot")
        {
            Description = "Write the state here as a snapshot, and read it back",
            HelpName = "FILE",
        };
        var command = new Command("genesis", "Read a genesis file and print the hash of its block") { file, snapshot };
        command.SetAction(parsed => Run(parsed.GetValue(file)!, parsed.GetValue(snapshot)));
        return command;
    }

    private static int Run(string file, string? snapshot)
    {
        (ChainSpec chain, StateSnapshot start) = Genesis.Read(file);
        BlockHeader header = start.Header;
        Console.Out.WriteLine(
            $"chain {chain.ChainId} block {header.Number} hash {header.Hash} stateRoot {header.StateRoot} "
            + $"accounts {start.State.Accounts.Count} slots {start.State.Storage.Count}");
        if (snapshot is null) return CommandLine.ExitSuccess;
        StateSnapshot.Write(snapshot, header, start.State);
        StateSnapshot.Read(snapshot);
        Console.Out.WriteLine($"snapshot {snapshot} {new FileInfo(snapshot).Length} bytes");
        return CommandLine.ExitSuccess;
    }
}
