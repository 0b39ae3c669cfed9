using Xunit.Abstractions;

namespace Fragcast.Differential;

/// <summary>
/// Generated transactions on anvil and on our executor. FRAGCAST_DIFFERENTIAL=FIRST-LAST runs these seeds at length;
/// without it, a fixed seed for a few seconds.
/// </summary>
public sealed class AnvilTests(ITestOutputHelper output)
{
    private const int SmokeSeed = 1;
    private const int SmokeTransactions = 60;
    private const int Transactions = 400;

    private static string? Seeds => Environment.GetEnvironmentVariable("FRAGCAST_DIFFERENTIAL");

    public static TheoryData<string, int> Runs()
    {
        (int first, int last) = Range();
        var runs = new TheoryData<string, int>();
        for (int seed = first; seed <= last; seed++)
        {
            foreach (Setup setup in Setup.All) runs.Add(setup.Name, seed);
        }

        return runs;
    }

    [AnvilTheory]
    [MemberData(nameof(Runs))]
    public void Run_GeneratedTransactions_SameAsAnvil(string setup, int seed)
    {
        using var run = new DifferentialRun(Setup.All.Single(s => s.Name == setup), seed);
        output.WriteLine($"{run.Run(string.IsNullOrEmpty(Seeds) ? SmokeTransactions : Transactions)}");
    }

    private static (int First, int Last) Range()
    {
        if (string.IsNullOrEmpty(Seeds)) return (SmokeSeed, SmokeSeed);
        string[] parts = Seeds.Split('-');
        if (parts.Length == 2 && int.TryParse(parts[0], out int first) && int.TryParse(parts[1], out int last))
            return (first, last);
        throw new InvalidOperationException("FRAGCAST_DIFFERENTIAL is FIRST-LAST, two seeds, e.g. 1-20.");
    }
}

/// <summary>A theory that needs anvil.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AnvilTheoryAttribute : TheoryAttribute
{
    public AnvilTheoryAttribute() => Skip = AnvilBinary.Missing;
}
