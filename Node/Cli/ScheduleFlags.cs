using System.CommandLine;
using System.Globalization;
using Fragcast.Node.Schedules;
using Fragcast.Primitives;
using Fragcast.Schedule;
using Fragcast.Schedule.Sources;

namespace Fragcast.Node.Cli;

/// <summary>The options that say who leads when.</summary>
internal sealed class ScheduleFlags
{
    private const int TurnMsMax = 24 * 60 * 60 * 1000;
    private const long NsPerMillisecond = 1_000_000;

    private static readonly string[] Kinds = ["round-robin", "time", "weighted", "registry", "file"];

    private readonly Option<string> _kind = New<string>(
        "--schedule", "round-robin|time|weighted|registry|file",
        "Who leads when: turns of blocks, turns of time, drawn by stake, asked from a registry, read from a file");

    private readonly Option<string[]> _sequencers = new("--sequencer")
    {
        Description = "Signing address of a sequencer, in order of their turns; with its stake for --schedule weighted",
        HelpName = "0xADDRESS[=STAKE]",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<ulong?> _firstBlock = New<ulong?>(
        "--first-block", "N", "Number of the first block of the schedule; default: 0");

    private readonly Option<ulong?> _blocksPerTurn = New<ulong?>(
        "--blocks-per-turn", "N", "Blocks that a leader has in a row; default: 1");

    private readonly Option<ulong?> _genesisTime = New<ulong?>(
        "--genesis-time", "MS", "When the first block begins, milliseconds since 1970");

    private readonly Option<int?> _blockTime = New<int?>("--block-time", "MS", "Milliseconds from a block to the next");

    private readonly Option<int?> _slot = New<int?>("--slot", "MS", "Milliseconds that a leader's turn lasts");

    private readonly Option<string?> _seed = New<string?>("--seed", "HEX", "Public seed of the draws, 32 bytes in hex");

    private readonly Option<ulong?> _turnsPerEpoch = New<ulong?>(
        "--turns-per-epoch", "N", "Turns that are drawn from one epoch's seed; default: 32");

    private readonly Option<string?> _registry = New<string?>("--registry", "URL", "Where the registry answers");

    private readonly Option<int?> _registryAhead = New<int?>(
        "--registry-ahead", "N", "Blocks ahead that the registry is asked for; default: 16");

    private readonly Option<string?> _file = New<string?>(
        "--schedule-file", "FILE", "The schedule as JSON; read anew when it is edited");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads and checks them.</summary>
    /// <exception cref="OperatorException">One is missing, wrong, or belongs to another kind.</exception>
    public ScheduleSettings Read(ParseResult parsed)
    {
        string name = parsed.GetValue(_kind) ?? Kinds[0];
        int kind = Array.IndexOf(Kinds, name);
        if (kind < 0)
        {
            throw new OperatorException($"--schedule {name} is none of {string.Join(", ", Kinds)}");
        }

        (Option[] needed, Option[] allowed) = Belonging((ScheduleKind)kind);
        foreach (Option option in All)
        {
            bool isGiven = parsed.GetResult(option) is { Implicit: false };
            if (isGiven && option != _kind && !needed.Contains(option) && !allowed.Contains(option))
            {
                throw new OperatorException($"{option.Name} does not belong to --schedule {name}");
            }

            if (!isGiven && needed.Contains(option))
            {
                throw new OperatorException($"--schedule {name} needs {option.Name}");
            }
        }

        return Read(parsed, (ScheduleKind)kind);
    }

    private IEnumerable<Option> All =>
    [
        _kind, _sequencers, _firstBlock, _blocksPerTurn, _genesisTime, _blockTime, _slot, _seed, _turnsPerEpoch,
        _registry, _registryAhead, _file,
    ];

    private (Option[] Needed, Option[] Allowed) Belonging(ScheduleKind kind) => kind switch
    {
        ScheduleKind.RoundRobin => ([_sequencers], [_firstBlock, _blocksPerTurn]),
        ScheduleKind.Time => ([_sequencers, _genesisTime, _blockTime, _slot], [_firstBlock]),
        ScheduleKind.Weighted => ([_sequencers, _seed], [_firstBlock, _blocksPerTurn, _turnsPerEpoch]),
        ScheduleKind.Registry => ([_registry], [_registryAhead]),
        _ => ([_file], []),
    };

    private ScheduleSettings Read(ParseResult parsed, ScheduleKind kind) => new()
    {
        Kind = kind,
        Sequencers = [.. (parsed.GetValue(_sequencers) ?? []).Select(text => ParseSequencer(text, kind))],
        FirstBlock = parsed.GetValue(_firstBlock) ?? 0,
        BlocksPerTurn = parsed.GetValue(_blocksPerTurn) ?? 1,
        Clock = kind == ScheduleKind.Time
            ? new SlotClock(
                ParseGenesisTime(parsed.GetValue(_genesisTime)!.Value), parsed.GetValue(_firstBlock) ?? 0,
                Milliseconds(_blockTime, parsed))
            : default,
        SlotNs = kind == ScheduleKind.Time ? Milliseconds(_slot, parsed) : 0,
        Seed = parsed.GetValue(_seed) is { } seed ? ParseSeed(seed) : default,
        TurnsPerEpoch = parsed.GetValue(_turnsPerEpoch) ?? ScheduleSettings.TurnsPerEpochDefault,
        Registry = parsed.GetValue(_registry) is { } url ? ParseUrl(url) : null,
        RegistryOptions = new RegistryOptions
        {
            BlocksAhead = (uint)SharedOptions.InRange(
                _registryAhead, parsed.GetValue(_registryAhead) ?? 16, 1, (int)RegistryPlan.AheadMax),
        },
        File = parsed.GetValue(_file) ?? "",
    };

    private static Stake ParseSequencer(string text, ScheduleKind kind)
    {
        int split = text.IndexOf('=', StringComparison.Ordinal);
        string addressText = split < 0 ? text : text[..split];
        if (!Address.TryParse(addressText, out Address address))
        {
            throw new OperatorException($"'{addressText}' is not an address of 20 bytes in hex");
        }

        if ((split >= 0) != (kind == ScheduleKind.Weighted))
        {
            throw new OperatorException(split < 0
                ? $"--schedule weighted needs stakes: --sequencer {addressText}=STAKE"
                : $"'{text}' has a stake, which belongs to --schedule weighted");
        }

        ulong stake = 1;
        if (split >= 0
            && !ulong.TryParse(text.AsSpan(split + 1), NumberStyles.None, CultureInfo.InvariantCulture, out stake))
        {
            throw new OperatorException($"'{text[(split + 1)..]}' is no stake; it is a whole number above 0");
        }

        return new Stake(address, stake);
    }

    private static long ParseGenesisTime(ulong milliseconds) => milliseconds <= long.MaxValue / NsPerMillisecond
        ? (long)milliseconds * NsPerMillisecond
        : throw new OperatorException($"--genesis-time {milliseconds} is out of range; it is milliseconds since 1970");

    private static long Milliseconds(Option<int?> option, ParseResult parsed) =>
        SharedOptions.InRange(option, parsed.GetValue(option)!.Value, 1, TurnMsMax) * NsPerMillisecond;

    private static Hash256 ParseSeed(string text) => Hash256.TryParse(text, out Hash256 seed)
        ? seed
        : throw new OperatorException($"--seed '{text}' is not 32 bytes in hex");

    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : throw new OperatorException($"--registry '{text}' is not a URL, for example http://127.0.0.1:8082");

    private static Option<T> New<T>(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };
}
