using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Fragcast.Primitives.Reporting;

/// <summary>
/// The result of a measuring run, in the one machine-readable form of the project:
/// <c>{scenario, parameters, machine, commit, figures}</c>.
/// </summary>
/// <param name="Scenario">What was run: "ring", "devnet".</param>
/// <param name="Parameters">The flags that shaped it, as numbers, strings and booleans.</param>
/// <param name="Machine">Where it ran.</param>
/// <param name="Commit">The commit the program was built from, or "unknown".</param>
/// <param name="Figures">What was measured.</param>
public sealed record Report(
    string Scenario, JsonObject Parameters, MachineInfo Machine, string Commit, IReadOnlyList<Figure> Figures)
{
    // A report is a file, never part of a web page: "<=" and "µ" may stand as they are.
    private static readonly ReportJson Json = new(
        new JsonSerializerOptions(ReportJson.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });

    /// <summary>Whether every figure that has a goal meets it.</summary>
    [JsonIgnore]
    public bool Holds => Figures.All(figure => figure.Holds != false);

    /// <summary>A report of this machine.</summary>
    /// <param name="scenario">What was run.</param>
    /// <param name="parameters">The flags that shaped it.</param>
    /// <param name="program">The program's assembly, which knows its commit.</param>
    /// <param name="figures">What was measured.</param>
    public static Report Create(
        string scenario, JsonObject parameters, Assembly program, IReadOnlyList<Figure> figures) =>
        new(scenario, parameters, MachineInfo.Read(), MachineInfo.CommitOf(program), figures);

    /// <summary>The report as indented JSON text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json.Report);

    /// <summary>Writes the JSON text to a file, which it replaces.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Save(string path) => File.WriteAllText(path, ToJson() + "\n");

    /// <summary>Prints the machine and then one aligned line per figure, for people.</summary>
    /// <param name="output">Where to.</param>
    public void Print(TextWriter output)
    {
        output.WriteLine($"{Scenario}: {Machine}, commit {Commit}");
        int nameWidth = Figures.Max(figure => (int?)figure.Name.Length) ?? 0;
        foreach (Figure figure in Figures)
            output.WriteLine($"  {figure.Name.PadRight(nameWidth)}  {Describe(figure)}{DescribeGoal(figure)}");
    }

    private static string Describe(Figure figure) => figure switch
    {
        { Value: { } value } => $"{Text(value)} {figure.Unit}",
        { P50: null } => "nothing measured",
        _ => $"min {Text(figure.Min)}  p50 {Text(figure.P50)}  p90 {Text(figure.P90)}  p99 {Text(figure.P99)}  "
            + $"p99.9 {Text(figure.P999)}  max {Text(figure.Max)} {figure.Unit}  (n = {figure.Count:#,0})",
    };

    private static string Text(double? value) => value >= 1000 ? $"{value:#,0}" : $"{value:0.###}";

    private static string DescribeGoal(Figure figure) =>
        figure.Goal is null ? "" : $"  goal {figure.Goal}: {(figure.Holds == true ? "holds" : "MISSED")}";
}

/// <summary>How reports are written: camel case, absent fields left out, no reflection at run time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(Report))]
internal sealed partial class ReportJson : JsonSerializerContext;
