using System.CommandLine;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Fragcast.Perf.Simulate;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests.Simulate;

public sealed class SimulateScenarioTests
{
    public static TheoryData<string> Names => [.. Scenario.All.Select(scenario => scenario.Name)];

    // Small enough for a test; goals are for the real size.
    [Theory]
    [MemberData(nameof(Names))]
    public void Run_Quick_EveryRunIsReported(string name)
    {
        Scenario scenario = Scenario.All.Single(known => known.Name == name);
        SimConfig config = scenario.Quick with { Nodes = 60, DurationNs = 100_000_000, TailNs = 1_000_000_000 };
        SimulateOutcome outcome = SimulateScenario.Run(new SimulateOptions
        {
            Config = config, Scenario = scenario, Schemes = scenario.Schemes, IsQuick = true, IsByRegion = true,
        });

        Assert.NotEmpty(outcome.Results);
        foreach ((string label, SchemeResult result) in outcome.Results)
        {
            Assert.True(result.Decodable.Count > 0, label);
            Assert.Contains(outcome.Report.Figures, figure => figure.Name == $"undelivered {label}");
            Assert.Equal(0, result.Counters.FalseAccusations);
        }
    }

    [Fact]
    public void Judge_GoalsOfEveryScenario_AreAboutFiguresThatExist()
    {
        foreach (Scenario scenario in Scenario.All)
        {
            SimConfig config = scenario.Quick with { Nodes = 60, DurationNs = 100_000_000, TailNs = 500_000_000 };
            SimulateOutcome outcome = SimulateScenario.Run(new SimulateOptions
            {
                Config = config, Scenario = scenario, Schemes = scenario.Schemes,
            });
            Assert.Contains(outcome.Report.Figures, figure => figure.Goal is not null);
        }
    }

    [Theory]
    [InlineData("WrongChunks")]
    [InlineData("FalseDuties")]
    [InlineData("AskAgain")]
    public void Run_ByzantineFollowers_AreFoundAndNobodyElse(string name)
    {
        Misdeed misdeed = Enum.Parse<Misdeed>(name);
        SimConfig config = new()
        {
            Nodes = 100, DurationNs = 300_000_000, TailNs = 2_000_000_000, Byzantine = 0.1, Misdeed = misdeed,
        };
        SchemeResult result = SchemeResult.Run(config, new Perf.Simulate.Schemes.FragcastScheme());

        Assert.Equal(0, result.Undelivered);
        Assert.Equal(0, result.Counters.FalseAccusations);
        if (misdeed != Misdeed.AskAgain) Assert.True(result.Counters.Misbehaviours > 0);
    }

    [Fact]
    public void Run_EquivocatingLeader_IsNoticedByAll()
    {
        // So many that chunks are relayed: what a leader sends directly to each node, nobody can compare.
        SimConfig config = new()
        {
            Nodes = 250, DurationNs = 50_000_000, TailNs = 1_000_000_000, Misdeed = Misdeed.Equivocate,
        };
        SchemeResult result = SchemeResult.Run(config, new Perf.Simulate.Schemes.FragcastScheme());

        Assert.InRange(result.Counters.Equivocations, result.Pairs * 0.9, result.Pairs);
        Assert.Equal(0, result.Counters.FalseAccusations);
    }

    [Fact]
    public void Invoke_Quick_WritesReportAndPlot()
    {
        string folder = Directory.CreateTempSubdirectory("fragcast-simulate-").FullName;
        try
        {
            string json = Path.Combine(folder, "report.json");
            string svg = Path.Combine(folder, "plot.svg");
            StringWriter output = new();
            StringWriter errors = new();
            int code = Cli.Run(
                ["simulate", "--quick", "--nodes", "40", "--scheme", "all", "--json", json, "--svg", svg],
                new InvocationConfiguration { Output = output, Error = errors });

            Assert.Equal("", errors.ToString());
            Assert.Equal(ExitCode.Good, code);
            Assert.Contains("decodable fragcast", output.ToString(), StringComparison.Ordinal);
            JsonNode report = JsonNode.Parse(File.ReadAllText(json))!;
            Assert.Equal(40, (int)report["parameters"]!["nodes"]!);
            XElement root = XDocument.Load(svg).Root!;
            XNamespace space = "http://www.w3.org/2000/svg";
            Assert.Equal(2 * 4, root.Elements(space + "polyline").Count());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Figures_SameName_WouldHideAGoal()
    {
        SimConfig config = new() { Nodes = 30, DurationNs = 50_000_000, TailNs = 500_000_000 };
        SimulateOutcome outcome = SimulateScenario.Run(new SimulateOptions
        {
            Config = config, Schemes = ["fragcast", "star"],
        });

        IReadOnlyList<Figure> figures = outcome.Report.Figures;
        Assert.Equal(figures.Count, figures.Select(figure => figure.Name).Distinct().Count());
    }
}
