using System.Text.Json;
using System.Text.Json.Nodes;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Primitives.Tests.Reporting;

public sealed class ReportTests
{
    private static readonly Figure Latency = Figure.Latency("hop", OneToThousand());

    [Fact]
    public void ToJson_WholeReport_HasTheFormOfTheProject()
    {
        Report report = Create(
            Figure.Single("allocated", "bytes", 0).WithAtMost(FigurePart.Value, 0),
            Latency);
        Assert.Contains("\"value <= 0\"", report.ToJson(), StringComparison.Ordinal);
        JsonNode json = JsonNode.Parse(report.ToJson())!;
        Assert.Equal(
            ["scenario", "parameters", "machine", "commit", "figures"], json.AsObject().Select(field => field.Key));
        Assert.Equal("ring", (string?)json["scenario"]);
        Assert.Equal(50, (int)json["parameters"]!["repeat"]!);
        Assert.Equal(Environment.ProcessorCount, (int)json["machine"]!["cores"]!);
        Assert.Equal(
            """{"name":"allocated","unit":"bytes","value":0,"goal":"value <= 0","holds":true}""",
            Compact(json["figures"]![0]!));
        Assert.Equal(
            """{"unit":"us","count":1000,"min":0.001,"p50":0.5,"p90":0.9,"p99":0.99,"p999":0.999,"max":1}""",
            Compact(json["figures"]![1]!).Replace("\"name\":\"hop\",", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Holds_OneGoalMissed_IsFalse()
    {
        Assert.True(Create(Latency).Holds);
        Assert.True(Create(Latency.WithAtMost(FigurePart.P99, 0.99)).Holds);
        Assert.False(Create(Latency, Latency.WithAtMost(FigurePart.P99, 0.98)).Holds);
        Assert.False(Create(Figure.Single("speed", "ops/s", 9).WithAtLeast(FigurePart.Value, 10)).Holds);
    }

    [Fact]
    public void Holds_GoalOfADistributionWithoutSamples_IsFalse()
    {
        Figure nothing = Figure.Latency("hop", new LatencyHistogram()).WithAtMost(FigurePart.P99, 100);
        Assert.Null(nothing.P99);
        Assert.False(Create(nothing).Holds);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Single_NoFiniteNumber_Throws(double value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Figure.Single("ratio", "ratio", value));

    [Fact]
    public void Print_Figures_OneLineEachWithGoals()
    {
        StringWriter text = new();
        Create(Latency.WithAtMost(FigurePart.P50, 0.25), Figure.Single("rate", "ops/s", 1234567)).Print(text);
        string[] lines = text.ToString().TrimEnd().Split(Environment.NewLine);
        Assert.Equal(3, lines.Length);
        Assert.Contains("p50 0.5", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("goal p50 <= 0.25: MISSED", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("1,234,567 ops/s", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Save_ThenRead_IsTheSameText()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.json");
        try
        {
            Report report = Create(Latency);
            report.Save(path);
            using JsonDocument parsed = JsonDocument.Parse(File.ReadAllText(path));
            Assert.Equal(report.ToJson() + "\n", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Read_ThisMachine_NamesEverything()
    {
        MachineInfo machine = MachineInfo.Read();
        Assert.All(
            [machine.Cpu, machine.Os, machine.Kernel, machine.Runtime, machine.Gc],
            text => Assert.False(string.IsNullOrWhiteSpace(text)));
        Assert.True(machine.MemoryBytes > 0);
    }

    private static LatencyHistogram OneToThousand()
    {
        LatencyHistogram durations = new();
        for (int ns = 1; ns <= 1000; ns++)
            durations.Record(ns);
        return durations;
    }

    private static Report Create(params Figure[] figures) =>
        Report.Create("ring", new JsonObject { ["repeat"] = 50 }, typeof(ReportTests).Assembly, figures);

    private static string Compact(JsonNode node) => node.ToJsonString(
        new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
