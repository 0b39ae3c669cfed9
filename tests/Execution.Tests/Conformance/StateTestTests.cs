using System.Text.Json;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Fixtures;

namespace Fragcast.Execution.Tests.Conformance;

/// <summary>
/// The public state tests: every n-th file and its first cases, or all (<see cref="ConformanceScope"/>), each under
/// every tier.
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
        (ExecutionTier Tier, StateTestRunner Runner)[] runners =
        [
            .. Enum.GetValues<ExecutionTier>().Select(
                tier => (tier, new StateTestRunner(new TestOptions { Tier = tier }))),
        ];
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
            // Minutes of BLAKE2, which is the same under every tier.
            var isDear = name.Contains("MaxRounds", StringComparison.Ordinal);
            foreach (var (tier, runner) in isDear ? runners[..1] : runners)
            {
                foreach (var outcome in runner.Run(name, document).Take(perFile))
                {
                    cases++;
                    if (outcome.Verdict != TestVerdict.Passed)
                    {
                        failures.Add($"{name} {outcome.Name} {outcome.Fork} {tier}: {outcome.Problem}");
                    }
                }
            }
        }

        Assert.True(cases > 400, $"{archive} has only {cases} cases");
        Assert.True(failures.Count == 0, $"{failures.Count} of {cases}:\n{string.Join('\n', failures.Take(50))}");
    }
}
