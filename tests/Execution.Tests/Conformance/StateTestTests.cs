using System.Text.Json;

namespace Fragcast.Execution.Tests.Conformance;

/// <summary>
/// The public state tests. By default every n-th file and its first cases; the environment variable
/// FRAGCAST_CONFORMANCE=all runs every case, which takes minutes.
/// </summary>
public sealed class StateTestTests
{
    private const string Eest = "evm/eest-state-tests.tar.gz";
    private const string Legacy = "evm/legacy-cancun.tar.gz";

    private static readonly bool RunsAll = Environment.GetEnvironmentVariable("FRAGCAST_CONFORMANCE") == "all";

    [DataFact(Eest)]
    public void Eest_StateTests_Pass() => RunArchive(Eest, "state_tests/", everyFile: 9, casesOfFile: 2);

    [DataFact(Legacy)]
    public void Legacy_StateTests_Pass() => RunArchive(Legacy, "GeneralStateTests/", everyFile: 11, casesOfFile: 2);

    private static void RunArchive(string archive, string folder, int everyFile, int casesOfFile)
    {
        var runner = new StateTestRunner();
        var failures = new List<string>();
        var (files, cases) = (0, 0);
        foreach (var (name, content) in TestData.ReadArchive(archive, folder))
        {
            if (!name.EndsWith(".json", StringComparison.Ordinal) || (files++ % everyFile != 0 && !RunsAll))
            {
                continue;
            }

            using var document = JsonDocument.Parse(content);
            foreach (var test in StateTestCase.ReadAll(document).Take(RunsAll ? int.MaxValue : casesOfFile))
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
