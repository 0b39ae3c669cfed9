namespace Fragcast.Perf.Evm;

/// <summary>What is to be run.</summary>
/// <param name="Programs">Single transactions.</param>
/// <param name="BlockTests">Files of block tests: names and contents.</param>
/// <param name="NamePart">Part of the name of a block test's case, or null for all.</param>
internal sealed record ProgramSelection(
    IReadOnlyList<EvmProgram> Programs, IReadOnlyList<(string Name, byte[] Content)> BlockTests, string? NamePart);

/// <summary>Which programs the operator wants.</summary>
/// <param name="Suites">Names of suites or "all"; none for those with goals.</param>
/// <param name="NamePart">Part of a program's name, or null for all.</param>
internal sealed record ProgramFilter(IReadOnlyCollection<string> Suites, string? NamePart)
{
    private const string All = "all";

    /// <summary>Reads the programs from the data.</summary>
    /// <exception cref="PerfDataException">The data lacks a suite, or there is no such program.</exception>
    public ProgramSelection Select(ProgramData data)
    {
        string[] wanted = [.. Wanted()];
        (string Name, string Folder)[] suites = [.. ProgramSuites.All.Where(suite => wanted.Contains(suite.Name))];
        List<(string Name, byte[] Content)> files = data.Read([.. suites.Select(suite => suite.Folder)]);
        List<EvmProgram> programs = [];
        (string Name, byte[] Content)[] blockTests = [];
        foreach ((string suite, string folder) in suites)
        {
            (string Name, byte[] Content)[] own =
            [
                .. files.Where(file => file.Name.StartsWith(folder, StringComparison.Ordinal))
                    .OrderBy(file => file.Name, StringComparer.Ordinal),
            ];
            if (own.Length == 0)
            {
                throw new PerfDataException($"'{data.Path}' has no programs of the suite {suite} ({folder}); give "
                    + "--data bench.tar.gz, or choose another --suite");
            }

            if (suite == ProgramSuites.Eest) blockTests = own;
            else programs.AddRange(own.SelectMany(file => ProgramReader.Read(suite, file.Name, file.Content)));
        }

        if (NamePart is not null) programs.RemoveAll(program => !IsNamed(program.FullName));
        return programs.Count > 0 || blockTests.Length > 0
            ? new ProgramSelection(programs, blockTests, NamePart)
            : throw new PerfDataException($"no program's name contains '{NamePart}'");
    }

    private bool IsNamed(string name) => name.Contains(NamePart!, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<string> Wanted()
    {
        if (Suites.Count == 0) return ProgramSuites.WithGoals;
        return Suites.Contains(All) ? ProgramSuites.All.Select(suite => suite.Name) : Suites;
    }
}
