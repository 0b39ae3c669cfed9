using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Fragcast.Tidy;

/// <summary>The build keeps its promises in every project and configuration.</summary>
public sealed partial class BuildRulesTests
{
    private static readonly string[] RequiredSettings =
    [
        "Nullable:enable", "TreatWarningsAsErrors:true", "EnforceCodeStyleInBuild:true",
        "GenerateDocumentationFile:true", "IsAotCompatible:true", "RestorePackagesWithLockFile:true",
        "AnalysisLevel:latest-recommended",
    ];

    /// <summary>Settings a project may switch off, each with a comment above it.</summary>
    private static readonly string[] MayDiffer = ["IsAotCompatible", "NoWarn"];

    [Fact]
    public void Settings_AreOnForEveryProject()
    {
        XElement props = XElement.Parse(Repository.Read("Directory.Build.props"));
        Repository.AssertNone("Directory.Build.props enforces", RequiredSettings.Where(setting =>
        {
            string[] parts = setting.Split(':');
            return !props.Descendants(parts[0]).Any(e => e.Value == parts[1] && e.Attribute("Condition") is null);
        }));
    }

    [Fact]
    public void Settings_AreNotOverriddenSilently() => Repository.AssertNone(
        "A project overrides a shared rule only where allowed and with a comment above",
        from file in Repository.ProjectFiles.Concat(["tests/Directory.Build.props"])
        from element in XElement.Load(Path.Combine(Repository.Root, file)).Descendants()
        let name = element.Name.LocalName
        where RequiredSettings.Any(s => s.StartsWith(name + ":", StringComparison.Ordinal)) || MayDiffer.Contains(name)
        where !MayDiffer.Contains(name) || element.PreviousNode is not XComment
        select $"{file}: {name}");

    [Fact]
    public void Packages_HaveOneCentralVersion() => Repository.AssertNone(
        "Versions stand in Directory.Packages.props only",
        from file in Repository.ProjectFiles
        from element in XElement.Load(Path.Combine(Repository.Root, file)).Descendants("PackageReference")
        where element.Attribute("Version") is not null || element.Attribute("VersionOverride") is not null
        select $"{file}: {element.Attribute("Include")?.Value}");

    [Fact]
    public void Projects_HaveLockFiles() => Repository.AssertNone(
        "Every project has its packages.lock.json beside it",
        from file in Repository.ProjectFiles
        let lockFile = $"{Path.GetDirectoryName(file)}/packages.lock.json"
        where !Repository.Files.Contains(lockFile)
        select file);

    [Fact]
    public void Solution_HoldsEveryProject()
    {
        string solution = Repository.Read("P2P.sln").Replace('\\', '/');
        Repository.AssertNone(
            "A project outside the solution is neither built nor tested",
            Repository.ProjectFiles.Where(f => !solution.Contains($"\"{f}\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void EditorConfig_SaysWhyARuleIsOff()
    {
        string[] lines = Repository.ReadLines(".editorconfig");
        var reasons = new HashSet<string>(StringComparer.Ordinal);
        var findings = new List<string>();
        foreach (string line in lines)
        {
            if (line.StartsWith('#') && line.Contains(':', StringComparison.Ordinal))
            {
                foreach (Match id in RuleId().Matches(line[..line.IndexOf(':', StringComparison.Ordinal)]))
                {
                    reasons.Add(id.Value);
                }
            }

            Match off = SwitchedOff().Match(line);
            if (off.Success && !reasons.Contains(off.Groups[1].Value))
            {
                findings.Add(line);
            }
        }

        Repository.AssertNone("A rule that is off has a line '# RULE: reason' above it", findings);
    }

    [Fact]
    public void BannedApis_AreUsedWhereClocksAndThreadsLive() => Repository.AssertNone(
        "Time, randomness and threads come in from outside the protocol cores",
        from file in Repository.CSharpFiles
        where !file.StartsWith("Node/", StringComparison.Ordinal) && !file.StartsWith("perf/", StringComparison.Ordinal)
            && !file.StartsWith("tests/", StringComparison.Ordinal)
        from line in Repository.ReadLines(file).Select((text, index) => (text, number: index + 1))
        where BannedCall().IsMatch(line.text)
        select $"{file}:{line.number}: {line.text.Trim()}");

    [GeneratedRegex(@"\b[A-Z]+\d{3,}\b")]
    private static partial Regex RuleId();

    [GeneratedRegex(@"dotnet_diagnostic\.([A-Z]+\d+)\.severity\s*=\s*none")]
    private static partial Regex SwitchedOff();

    [GeneratedRegex(@"DateTime(Offset)?\.(Utc)?Now\b|Random\.Shared|\bTask\.Run\(|\bThread\.Sleep\(")]
    private static partial Regex BannedCall();
}
