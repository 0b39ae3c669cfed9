namespace Fragcast.Perf.Evm;

/// <summary>Which programs the operator wants.</summary>
/// <param name="Suites">Names of suites or "all"; none for those with goals.</param>
/// <param name="NamePart">Part of a program's name, or null for all.</param>
internal sealed record ProgramFilter(IReadOnlyCollection<string> Suites, string? NamePart)
{
    private const string All = "all";

    /// <summary>Reads the programs from the data.</summary>
    /// <exception cref="PerfDataException">The data lacks a suite, or there is no such program.</exception>
    public IReadOnlyList<EvmProgram> Select(ProgramData data)
    {
        string[] wanted = [.. Wanted()];
        (string Name, string Folder)[] suites = [.. ProgramSuites.All.Where(suite => wanted.Contains(suite.Name))];
        List<(string Name, byte[] Content)> files = data.Read([.. suites.Select(suite => suite.Folder)]);
        List<EvmProgram> programs = [];
        foreach ((string suite, string folder) in suites)
        {
            (string Name, byte[] Content)[] own =
                [.. files.Where(file => file.Name.StartsWith(folder, StringComparison.Ordinal))];
            if (own.Length == 0)
            {
                throw new PerfDataException($"'{data.Path}' has no programs of the suite {suite} ({folder}); give "
                    + "--data bench.tar.gz, or choose another --suite");
            }

            programs.AddRange(own.OrderBy(file => file.Name, StringComparer.Ordinal)
                .SelectMany(file => ProgramReader.Read(suite, file.Name, file.Content)));
        }

        if (NamePart is null) return programs;
        EvmProgram[] named =
            [.. programs.Where(program => program.FullName.Contains(NamePart, StringComparison.OrdinalIgnoreCase))];
        return named.Length > 0 ? named : throw new PerfDataException($"no program's name contains '{NamePart}'");
    }

    private IEnumerable<string> Wanted()
    {
        if (Suites.Count == 0) return ProgramSuites.WithGoals;
        return Suites.Contains(All) ? ProgramSuites.All.Select(suite => suite.Name) : Suites;
    }
}
