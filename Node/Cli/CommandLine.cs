using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.State;
using Fragcast.Primitives.Crypto;
using Fragcast.Schedule;
using Fragcast.Transport;

namespace Fragcast.Node.Cli;

/// <summary>
/// The command line of the binary. Whatever an operator gets wrong ends in one line on standard error and exit code
/// <see cref="ExitOperatorError"/>.
/// </summary>
internal static class CommandLine
{
    /// <summary>Everything asked for was done and is right.</summary>
    public const int ExitSuccess = 0;

    /// <summary>The work was done and its result is not what it must be.</summary>
    public const int ExitDifference = 1;

    /// <summary>A flag, a file, a library or a port is not usable.</summary>
    public const int ExitOperatorError = 2;

    /// <summary>Runs the binary.</summary>
    public static int Run(string[] args)
    {
        var root = new RootCommand(
            "Fragcast: frags of blocks in progress, from the sequencer to every node, replayed on arrival.")
        {
            DevnetCommand.Create(),
            NodeCommand.Create(),
            ReplayCommand.Create(),
            GenesisCommand.Create(),
            EvidenceCommand.Create(),
            ScheduleCommand.Create(),
            SuiteCommand.CreateStateTest(),
            SuiteCommand.CreateBlockTest(),
        };
        ParseResult parsed = root.Parse(args);
        // With --help or --version among the arguments the action is theirs, and what else is missing does not matter.
        if (parsed.Errors.Count > 0 && parsed.Action is null or ParseErrorAction)
        {
            string problem = parsed.UnmatchedTokens.Count > 0
                ? $"'{parsed.UnmatchedTokens[0]}' is no command or option here"
                : parsed.Errors[0].Message;
            return Fail($"{problem} (see: fragcast {Path(parsed.CommandResult)}--help)");
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception error) when (IsOperatorError(error))
        {
            return Fail(error.Message);
        }
    }

    private static bool IsOperatorError(Exception error) => error
        is OperatorException
        or FixtureException
        or SnapshotException
        or ScheduleException
        or NativeLibraryMissingException
        or EndpointBindException;

    private static int Fail(string message)
    {
        Console.Error.WriteLine($"fragcast: {message.ReplaceLineEndings(" ")}");
        return ExitOperatorError;
    }

    private static string Path(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Path(parent)}{command.Command.Name} " : "";
}
