using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Fragcast.Tidy;

/// <summary>Layers point one way: the project references are exactly the graph that the README draws.</summary>
public sealed partial class LayerTests
{
    [Fact]
    public void References_AreTheGraphOfTheReadme()
    {
        Dictionary<string, HashSet<string>> allowed = ReadmeGraph();
        var findings = new List<string>();
        foreach (string file in Repository.ProjectFiles.Where(f => !f.StartsWith("tests/", StringComparison.Ordinal)))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            if (!allowed.TryGetValue(name, out HashSet<string>? targets))
            {
                findings.Add($"{name} is not in the README's layer graph");
                continue;
            }

            HashSet<string> actual = References(file).ToHashSet(StringComparer.Ordinal);
            findings.AddRange(actual.Except(targets).Select(t => $"{name} -> {t} is not in the README's layer graph"));
            findings.AddRange(targets.Except(actual).Select(t => $"{name} -> {t} is drawn but not there"));
        }

        Repository.AssertNone("The layer graph", findings);
    }

    [Fact]
    public void Graph_KeepsGossipAndExecutionApart()
    {
        Dictionary<string, HashSet<string>> graph = ReadmeGraph();
        Assert.DoesNotContain("Execution", Reachable(graph, "Gossip"));
        Assert.DoesNotContain("Gossip", Reachable(graph, "Execution"));
        Assert.DoesNotContain("Primitives", Reachable(graph, "Primitives"));
    }

    [Fact]
    public void TestProjects_TestOneProjectEach() => Repository.AssertNone(
        "tests/<Project>.Tests references <Project>",
        from file in Repository.ProjectFiles
        where file.StartsWith("tests/", StringComparison.Ordinal)
            && file.EndsWith(".Tests.csproj", StringComparison.Ordinal)
        let tested = Path.GetFileNameWithoutExtension(file)[..^".Tests".Length]
        where !References(file).Contains(tested)
        select file);

    private static IEnumerable<string> References(string projectFile) =>
        XElement.Load(Path.Combine(Repository.Root, projectFile)).Descendants("ProjectReference")
            .Select(e => Path.GetFileNameWithoutExtension(e.Attribute("Include")!.Value.Replace('\\', '/')));

    private static Dictionary<string, HashSet<string>> ReadmeGraph()
    {
        Match block = LayerBlock().Match(Repository.Read("README.md"));
        Assert.True(block.Success, "README.md has a ```layers block");
        return block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split("->"))
            .ToDictionary(
                parts => parts[0].Trim(),
                parts => parts[1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .ToHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal);
    }

    private static HashSet<string> Reachable(Dictionary<string, HashSet<string>> graph, string from)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(graph[from]);
        while (open.TryPop(out string? next))
        {
            if (seen.Add(next))
            {
                foreach (string target in graph[next])
                {
                    open.Push(target);
                }
            }
        }

        return seen;
    }

    [GeneratedRegex(@"```layers\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex LayerBlock();
}
