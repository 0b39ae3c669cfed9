using System.Text.Json;

namespace Fragcast.Execution.Tests.Conformance;

/// <summary>
/// The public state tests: every n-th file and its first cases, or all (<see cref="ConformanceScope"/>).
/// </summary>
public sealed class StateTestTests
{
    private const string Eest = "evm/eest-state-tests.tar.gz";
    private const string Legacy = "evm/legacy-cancun.tar.gz";

    [DataFact(Eest)]
    public void Eest_StateTests_Pass() => RunArchive(Eest, "state_tests/", everyFile: 9, casesOfFile: 2);

    [DataFact(Legacy)]
    public void Legacy_StateTests_Pass() => RunArchive(Legacy, "GeneralStateTests/", everyFile: 11, casesOfFile: 2);

    private static void RunArchive(string archive, string folder, int everyFile, int casesOfFile)
    {
        var runner = new StateTestRunner();
        var failures = new List<string>();
        var (files, cases) = (0, 0);
        var perFile = ConformanceScope.RunsAll ? int.MaxValue : casesOfFile;
        foreach (var (name, content) in TestData.ReadArchive(archive, folder))
        {
            var isChosen = files++ % everyFile == 0 || ConformanceScope.RunsAll;
            if (!isChosen || !name.EndsWith(".json", StringComparison.Ordinal))
            {
                continue;
            }

            using var document = JsonDocument.Parse(content);
            foreach (var test in StateTestCase.ReadAll(document).Take(perFile))
            {
                cases++;
                if (runner.Run(test) is { } difference)
                {
                    failures.Add($"{name} {test.Name}: {difference}");
                }
            }
        }

        Assert.True(cases > 100, $"{archive} has only {cases} cases");
        Assert.True(failures.Count == 0, $"{failures.Count} of {cases}:\n{string.Join('\n', failures.Take(50))}");
    }
}
