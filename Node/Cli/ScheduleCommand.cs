using System.CommandLine;
using Fragcast.Node.Schedules;
using Fragcast.Primitives;
using Fragcast.Schedule;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fragcast.Node.Cli;

/// <summary>fragcast schedule: prints who leads which block.</summary>
internal static class ScheduleCommand
{
    private const int CountMax = 1_000_000;

    // A registry has a thread that asks; its first round is waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var flags = new ScheduleFlags();
        var from = new Option<ulong>("--from") { Description = "First block to print", HelpName = "N" };
        var count = new Option<int>("--count")
        {
            Description = "Blocks to print",
            DefaultValueFactory = _ => 20,
            HelpName = "N",
        };
        var command = new Command("schedule", "Print who leads which block: 'BLOCK 0xADDRESS', or 'BLOCK unknown'")
        {
            from, count,
        };
        flags.AddTo(command);
        command.SetAction(parsed => Run(
            flags.Read(parsed), parsed.GetValue(from),
            SharedOptions.InRange(count, parsed.GetValue(count), 1, CountMax)));
        return command;
    }

    private static int Run(ScheduleSettings settings, ulong from, int count)
    {
        using ScheduleSource source = ScheduleSource.Start(settings, NullLogger.Instance);
        if (settings.Kind == ScheduleKind.Registry
            && !SpinWait.SpinUntil(() => !source.Schedule.Sequencers.IsEmpty, Patience))
        {
            throw new OperatorException(
                $"{settings.Registry!.GetLeftPart(UriPartial.Path)} names no leader; is it a registry?");
        }

        for (ulong i = 0; i < (ulong)count && i <= ulong.MaxValue - from; i++)
        {
            LeaderLookup lookup = source.Schedule.LeaderOf(from + i, out Address leader);
            Console.Out.WriteLine($"{from + i} {(lookup == LeaderLookup.Known ? leader.ToString() : "unknown")}");
        }

        return CommandLine.ExitSuccess;
    }
}
