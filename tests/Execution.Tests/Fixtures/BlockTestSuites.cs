using System.Text.Json;
using Fragcast.Execution.Fixtures;

namespace Fragcast.Execution.Tests.Fixtures;

/// <summary>The public suites of whole blocks, good and bad.</summary>
public class BlockTestSuites
{
    private const string Eest = "evm/eest-blockchain-tests.tar.gz";
    private const string Legacy = "evm/legacy-cancun.tar.gz";

    [DataFact(Eest)]
    public void Run_EestBlockchainTests_AllPass() => RunAll(Eest, ".json", casesMin: 1198);

    [DataFact(Legacy)]
    public void Run_LegacyBlockchainTests_AllPass() => RunAll(Legacy, "/BlockchainTests/", casesMin: 1689);

    private static void RunAll(string archive, string nameContains, int casesMin)
    {
        var runner = new BlockTestRunner(new TestOptions());
        var failures = new List<string>();
        int cases = 0;
        foreach ((string name, byte[] content) in TestData.ReadArchive(archive, nameContains))
        {
            using var document = JsonDocument.Parse(content);
            foreach (TestOutcome outcome in runner.Run(name, document))
            {
                cases++;
                if (outcome.Verdict != TestVerdict.Passed) failures.Add($"{outcome.Name}: {outcome.Problem}");
            }
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {cases} fail:\n{string.Join('\n', failures.Take(100))}");
        Assert.InRange(cases, casesMin, int.MaxValue);
    }
}
