using System.CommandLine;

namespace Fragcast.Perf;

/// <summary>The command line of <c>fragcast-perf</c>.</summary>
internal static class Cli
{
    /// <summary>Runs one command.</summary>
    /// <param name="arguments">What the operator typed.</param>
    /// <param name="console">Where output and errors go.</param>
    /// <returns>The exit code, one of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] arguments, InvocationConfiguration console)
    {
        RootCommand root = new("Measures Fragcast: scenarios with reports, and micro-benchmarks.")
        {
            RingCommand.Create(),
            PrecompilesCommand.Create(),
            ParallelCommand.Create(),
            SealCommand.Create(),
            StateCommand.Create(),
            BlockCommand.Create(),
            EvmCommand.Create(),
            TransportCommand.Create(),
            TransportFarCommand.Create(),
            ChunksCommand.Create(),
            SimulateCommand.Create(),
            MicroCommand.Create(),
        };
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count == 0)
            return parsed.Invoke(console);

        // One line, where the library would print the whole help: the first error is the cause of the others.
        string message = string.Join(' ', parsed.Errors[0].Message.Split((char[])['\n', '\r', '\t'],
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        console.Error.WriteLine($"fragcast-perf: {message} See fragcast-perf --help.");
        return ExitCode.BadInput;
    }
}
