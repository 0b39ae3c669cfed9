using System.CommandLine;
using System.Diagnostics;
using Fragcast.Perf.Simulate;
using Fragcast.Perf.Simulate.Schemes;

namespace Fragcast.Perf;

/// <summary><c>fragcast-perf simulate</c>: broadcast over a modelled network of regions.</summary>
internal sealed class SimulateCommand
{
    private const double Milliseconds = 1e6;
    private const double Seconds = 1e9;

    private readonly Option<string?> _scenario = new("--scenario")
    {
        Description = "A network with a question and its goals: "
            + $"{string.Join(", ", Scenario.All.Select(scenario => scenario.Name))}. Other options come on top.",
    };

    private readonly Option<string[]> _schemes = new("--scheme")
    {
        Description = $"{string.Join(", ", SchemeNames.All)} or {SchemeNames.Everything}; "
            + "default what the scenario compares.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "A small network and a moment: does it work?",
    };

    private readonly Option<int?> _nodes = new("--nodes") { Description = "Nodes, leaders included; default 1000." };

    private readonly Option<int?> _regions = new("--regions")
    {
        Description = "Regions of the world; default 15, at most 33.",
    };

    private readonly Option<int?> _fragBytes = new("--frag-bytes") { Description = "Bytes of a frag; default 32768." };

    private readonly Option<double?> _interval = new("--interval")
    {
        Description = "Milliseconds from frag to frag; default 10.",
    };

    private readonly Option<double?> _duration = new("--duration") { Description = "Seconds of frags; default 60." };

    private readonly Option<double?> _loss = new("--loss")
    {
        Description = "Datagrams lost on a hop, in percent; default 1.",
    };

    private readonly Option<double?> _burst = new("--burst")
    {
        Description = "Mean length of bursts of loss in milliseconds; default 0, losses by themselves.",
    };

    private readonly Option<double?> _dead = new("--dead")
    {
        Description = "Followers that have crashed, in percent; default 0.",
    };

    private readonly Option<double?> _slow = new("--slow")
    {
        Description = "Followers with a tenth of the lines and the processor, in percent; default 0.",
    };

    private readonly Option<double?> _churn = new("--churn")
    {
        Description = "Followers that stay 5 s, leave for 1 s, on average, in percent; default 0.",
    };

    private readonly Option<int?> _leaders = new("--leaders") { Description = "Nodes that may lead; default 3." };

    private readonly Option<string?> _leaderRegion = new("--leader-region")
    {
        Description = "Region of the first leader; the others are in the next ones. Default us-east-1.",
    };

    private readonly Option<double?> _rotate = new("--rotate")
    {
        Description = "Seconds after which the next leader leads; default 0, never.",
    };

    private readonly Option<bool> _cold = new("--cold")
    {
        Description = "A leader shakes hands only when it begins to lead: two round trips before its first chunk.",
    };

    private readonly Option<int?> _leaderUplink = new("--leader-uplink")
    {
        Description = "Leaders' lines in Mb/s; default 1000.",
    };

    private readonly Option<int?> _uplink = new("--uplink")
    {
        Description = "Followers' uplinks in Mb/s; default 200.",
    };

    private readonly Option<int?> _downlink = new("--downlink")
    {
        Description = "Followers' downlinks in Mb/s; default as the uplink.",
    };

    private readonly Option<bool> _fifo = new("--fifo")
    {
        Description = "Uplinks send in order instead of frags first, then repair and control.",
    };

    private readonly Option<ulong?> _seed = new("--seed") { Description = "Of all randomness; default 1." };

    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Threads, at most 64; default 2. The result does not depend on it.",
    };

    private readonly Option<bool> _byRegion = new("--by-region") { Description = "Some figures for each region too." };

    private readonly Option<FileInfo?> _json = ReportFile.CreateOption();

    private readonly Option<FileInfo?> _svg = new("--svg")
    {
        Description = "Also draw the distributions into this file.",
    };

    private SimulateCommand()
    {
        _scenario.AcceptOnlyFromAmong([.. Scenario.All.Select(scenario => scenario.Name)]);
        _schemes.AcceptOnlyFromAmong([SchemeNames.Everything, .. SchemeNames.All]);
        _leaderRegion.AcceptOnlyFromAmong([.. RegionTable.Order]);
        _svg.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<FileInfo?>() is { Directory: { Exists: false } folder })
                result.AddError($"--svg: the folder '{folder.FullName}' does not exist.");
        });
    }

    public static Command Create()
    {
        SimulateCommand options = new();
        Command command = new("simulate", "Broadcast of frags over a modelled world: the production code beside "
            + "mesh gossip, a plain tree and a star. The same seed gives the same result. Fails when a goal is missed.")
        {
            options._scenario, options._schemes, options._quick, options._nodes, options._regions, options._fragBytes,
            options._interval, options._duration, options._loss, options._burst, options._dead, options._slow,
            options._churn, options._leaders, options._leaderRegion, options._rotate, options._cold,
            options._leaderUplink, options._uplink,
            options._downlink, options._fifo, options._seed, options._threads,
            options._byRegion, options._json, options._svg,
        };
        command.SetAction(arguments => options.Run(arguments, arguments.InvocationConfiguration));
        return command;
    }

    private int Run(ParseResult arguments, InvocationConfiguration console)
    {
        Scenario scenario = Scenario.All.FirstOrDefault(known => known.Name == arguments.GetValue(_scenario))
            ?? new PlainScenario();
        SimConfig config = Configure(
            arguments.GetValue(_quick) ? scenario.Quick : scenario.Defaults, arguments);
        string[] named = arguments.GetValue(_schemes) ?? [];
        IReadOnlyList<string> schemes = named.Length == 0 ? scenario.Schemes
            : named.Contains(SchemeNames.Everything) ? SchemeNames.All
            : [.. named.Distinct()];
        string? problem = SimulateOptions.Problem(config)
            ?? scenario.Runs(config, schemes)
                .Select(run => SimulateOptions.Problem(run.Config))
                .FirstOrDefault(found => found is not null);
        if (problem is not null)
        {
            console.Error.WriteLine($"fragcast-perf: {problem}");
            return ExitCode.BadInput;
        }

        SimulateOutcome outcome = SimulateScenario.Run(new SimulateOptions
        {
            Config = config,
            Scenario = scenario,
            Schemes = schemes,
            IsByRegion = arguments.GetValue(_byRegion),
            IsQuick = arguments.GetValue(_quick),
            Progress = Console.IsErrorRedirected ? null : new ProgressLine(console.Error).Show,
        });
        if (arguments.GetValue(_svg) is { } svg && !TryDraw(scenario, config, outcome, svg, console.Error))
            return ExitCode.BadInput;
        return ReportFile.Finish(outcome.Report, [], arguments.GetValue(_json), console);
    }

    private static bool TryDraw(
        Scenario scenario, SimConfig config, SimulateOutcome outcome, FileInfo file, TextWriter errors)
    {
        try
        {
            string title = $"{scenario.Name}: {config.Nodes} nodes in {config.Regions} regions, "
                + $"{config.FragBytes} bytes every {config.IntervalNs / Milliseconds:0.###} ms, "
                + $"{config.Loss:0.#%} loss, seed {config.Seed}";
            File.WriteAllText(file.FullName, CdfPlot.Draw(title, outcome.Results));
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"fragcast-perf: cannot write the plot: {error.Message} Give --svg another path.");
            return false;
        }
    }

    private SimConfig Configure(SimConfig config, ParseResult arguments)
    {
        config = config with
        {
            Nodes = arguments.GetValue(_nodes) ?? config.Nodes,
            Regions = arguments.GetValue(_regions) ?? config.Regions,
            FragBytes = arguments.GetValue(_fragBytes) ?? config.FragBytes,
            IntervalNs = Scaled(arguments.GetValue(_interval), Milliseconds) ?? config.IntervalNs,
            DurationNs = Scaled(arguments.GetValue(_duration), Seconds) ?? config.DurationNs,
            Loss = arguments.GetValue(_loss) / 100 ?? config.Loss,
            BurstNs = Scaled(arguments.GetValue(_burst), Milliseconds) ?? config.BurstNs,
            Dead = arguments.GetValue(_dead) / 100 ?? config.Dead,
            Slow = arguments.GetValue(_slow) / 100 ?? config.Slow,
            Churn = arguments.GetValue(_churn) / 100 ?? config.Churn,
            Leaders = arguments.GetValue(_leaders) ?? config.Leaders,
            FirstRegion = RegionTable.IndexOf(arguments.GetValue(_leaderRegion)) ?? config.FirstRegion,
            RotateNs = Scaled(arguments.GetValue(_rotate), Seconds) ?? config.RotateNs,
            IsCold = arguments.GetValue(_cold) || config.IsCold,
            LeaderMbps = arguments.GetValue(_leaderUplink) ?? config.LeaderMbps,
            UplinkMbps = arguments.GetValue(_uplink) ?? config.UplinkMbps,
            HasPriority = !arguments.GetValue(_fifo) && config.HasPriority,
            Seed = arguments.GetValue(_seed) ?? config.Seed,
            Threads = arguments.GetValue(_threads) ?? config.Threads,
        };
        return config with
        {
            DownlinkMbps = arguments.GetValue(_downlink) ?? arguments.GetValue(_uplink) ?? config.DownlinkMbps,
        };
    }

    private static long? Scaled(double? value, double unit) =>
        value is { } number ? (long)Math.Clamp(number * unit, -1, 1e17) : null;

    /// <summary>One line that is written over and over: what runs, how far it is, how long it will take.</summary>
    private sealed class ProgressLine(TextWriter output)
    {
        private string _label = "";
        private long _beganAt;

        public void Show(string label, double share)
        {
            if (label != _label)
            {
                _label = label;
                _beganAt = Stopwatch.GetTimestamp();
            }

            double took = Stopwatch.GetElapsedTime(_beganAt).TotalSeconds;
            double left = share > 0.001 ? took / share * (1 - share) : 0;
            output.Write($"\r{label}: {share,4:0%}, {left:0} s left   ");
            if (share >= 1) output.WriteLine();
        }
    }
}
