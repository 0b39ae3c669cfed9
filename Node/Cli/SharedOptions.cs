using System.CommandLine;
using Fragcast.Node.Config;
using Fragcast.Transport;

namespace Fragcast.Node.Cli;

/// <summary>Options that several commands have in common.</summary>
internal sealed class SharedOptions
{
    private const int FragsMax = 1024;
    private const int RepeatMax = 1_000_000;
    private const int FragIntervalMsMax = 250;
    private const int WarmUpMax = 1000;

    /// <summary>Block files.</summary>
    public Option<string[]> Blocks { get; } = new("--blocks")
    {
        Description = "Files with real blocks (JSON, may be gzipped), in order; default: three blocks of OP Sepolia",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Repetitions.</summary>
    public Option<int> Repeat { get; } = new("--repeat")
    {
        Description = "Run the list of blocks so often, each time on fresh state",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };

    /// <summary>Frags a block.</summary>
    public Option<int> Frags { get; } = new("--frags")
    {
        Description = "Frags a block is cut into, at most one per transaction",
        DefaultValueFactory = _ => NodeOptions.FragsPerBlockDefault,
        HelpName = "N",
    };

    /// <summary>Interval between frags.</summary>
    public Option<int> FragInterval { get; } = new("--frag-interval")
    {
        Description = "Milliseconds between two frags",
        DefaultValueFactory = _ => NodeOptions.FragIntervalMsDefault,
        HelpName = "MS",
    };

    /// <summary>Rounds of warming up.</summary>
    public Option<int> WarmUp { get; } = new("--warm-up")
    {
        Description = "Run the first blocks so often inside each node before it joins, so that its code is compiled",
        DefaultValueFactory = _ => NodeOptions.WarmUpRoundsDefault,
        HelpName = "N",
    };

    /// <summary>The QUIC engine.</summary>
    public Option<string> Transport { get; } = NewTransport();

    /// <summary>The block files given, or the demo blocks.</summary>
    public IReadOnlyList<string> ReadBlocks(ParseResult parsed) =>
        parsed.GetValue(Blocks) is { Length: > 0 } files ? files : DemoBlocks.Files;

    /// <summary>The number of repetitions.</summary>
    public int ReadRepeat(ParseResult parsed) => InRange(Repeat, parsed.GetValue(Repeat), 1, RepeatMax);

    /// <summary>The number of frags a block.</summary>
    public int ReadFrags(ParseResult parsed) => InRange(Frags, parsed.GetValue(Frags), 1, FragsMax);

    /// <summary>The interval.</summary>
    public TimeSpan ReadFragInterval(ParseResult parsed) =>
        TimeSpan.FromMilliseconds(InRange(FragInterval, parsed.GetValue(FragInterval), 0, FragIntervalMsMax));

    /// <summary>The number of rounds.</summary>
    public int ReadWarmUp(ParseResult parsed) => InRange(WarmUp, parsed.GetValue(WarmUp), 0, WarmUpMax);

    /// <summary>The engine.</summary>
    public TransportEngine ReadTransport(ParseResult parsed) =>
        Enum.Parse<TransportEngine>(parsed.GetValue(Transport)!, ignoreCase: true);

    /// <summary>Checks a number.</summary>
    /// <exception cref="OperatorException">It is out of range.</exception>
    public static int InRange(Option option, int value, int min, int max) =>
        value >= min && value <= max
            ? value
            : throw new OperatorException($"{option.Name} {value} is out of range; it goes from {min} to {max}");

    private static Option<string> NewTransport()
    {
        var option = new Option<string>("--transport")
        {
            Description = "QUIC engine: ngtcp2, system (System.Net.Quic), or auto for the first of them that is here",
            DefaultValueFactory = _ => "auto",
            HelpName = "auto|ngtcp2|system",
        };
        option.AcceptOnlyFromAmong("auto", "ngtcp2", "system");
        return option;
    }
}
