using System.IO.Compression;
using Fragcast.Perf.Evm;
using Fragcast.Primitives.Reporting;

namespace Fragcast.Perf.Tests.Evm;

public sealed class EvmScenarioTests
{
    private static readonly EvmScenarioOptions Tiny =
        new(TierNames.All, Rounds: 1, SliceNs: 0, WarmUpNs: 0, WarmUpPassesMax: 1);

    [Fact]
    public void Run_ProgramsOfTheProject_AllComeOutAsStatedAndAreCompared()
    {
        ProgramSelection selection = new ProgramFilter([], null).Select(OwnData());
        Assert.Equal(30, selection.Programs.Count);
        EvmProgram[] small = [.. selection.Programs.Where(program => IsSmall(program.Name))];
        EvmResults results =
            EvmScenario.Run(Tiny, selection with { Programs = small }, ReferenceTable.Load());
        Assert.Empty(results.Failures);
        Assert.Equal(small.Length * TierNames.All.Count, results.Programs.Count);
        Assert.All(results.Programs, program =>
        {
            Assert.True(program.Warm.Min > 0 && program.WarmRatio(1) > 0);
            Assert.Equal(TierNames.HasColdRuns(program.Tier), program.ColdRatio(1) > 0);
        });
        Report report = results.ToReport([]);
        Assert.Contains(report.Figures, figure => figure.Name.Contains("geometric mean", StringComparison.Ordinal));
        StringWriter table = new();
        EvmTable.Print(results, report, table);
        Assert.Contains("swap_math/spent", table.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ReferenceStatesAnotherResult_Fails()
    {
        ProgramSelection selection = new ProgramFilter(["revmc"], "weth").Select(OwnData());
        ReferenceTable table = ReferenceTable.Load();
        ReferenceRun good = table.Find(selection.Programs[0])!;
        string wrong = new('0', 64);
        foreach (ReferenceRun bad in (ReferenceRun[])
            [good with { Gas = 1 }, good with { Output = wrong }, good with { Logs = wrong },
            good with { Storage = wrong }, good with { IsSuccess = false }])
        {
            Dictionary<string, ReferenceRun> runs = new() { [selection.Programs[0].FullName] = bad };
            EvmResults results = EvmScenario.Run(Tiny, selection, table with { Programs = runs });
            Assert.Equal(TierNames.All.Count, results.Failures.Count);
            Assert.Empty(results.Programs);
        }
    }

    [Fact]
    public void Run_StateRootDiffers_Fails()
    {
        ProgramSelection selection = new ProgramFilter(["ipsilon-main"], "swap_math/spent").Select(OwnData());
        EvmProgram program = selection.Programs[0] with { StateRoot = default(Fragcast.Primitives.Hash256) };
        EvmResults results =
            EvmScenario.Run(Tiny, selection with { Programs = [program] }, ReferenceTable.Load());
        Assert.Contains("state root", results.Failures[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderWithUnpackedPrograms_ReadsTheSame()
    {
        string folder = Directory.CreateTempSubdirectory("fragcast-perf-").FullName;
        try
        {
            using (GZipStream unzipped = new(File.OpenRead(OwnData().Path), CompressionMode.Decompress))
                System.Formats.Tar.TarFile.ExtractToDirectory(unzipped, folder, overwriteFiles: false);
            ProgramFilter filter = new([], null);
            Assert.Equal(
                filter.Select(OwnData()).Programs.Select(program => program.FullName),
                filter.Select(ProgramData.Open(folder)).Programs.Select(program => program.FullName));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Select_SuiteThatTheDataLacks_SaysWhatIsNeeded()
    {
        var error = Assert.Throws<PerfDataException>(() => new ProgramFilter(["eest"], null).Select(OwnData()));
        Assert.Contains("bench.tar.gz", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MeasureUs_Yardstick_TakesTime() => Assert.True(Yardstick.MeasureUs() > 0);

    private static ProgramData OwnData() =>
        ProgramData.Open(Path.Combine(AppContext.BaseDirectory, "EvmData", "evm-programs.tar.gz"));

    private static bool IsSmall(string name) =>
        !name.Contains("snailtracer", StringComparison.Ordinal) && !name.Contains("burntpix", StringComparison.Ordinal);
}
