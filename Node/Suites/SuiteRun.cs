using Fragcast.Execution.Fixtures;
using Fragcast.Node.Cli;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Node.Suites;

/// <summary>Runs files of a test suite and prints what came out.</summary>
internal static class SuiteRun
{
    private const long ProgressIntervalNs = 500_000_000;

    /// <summary>Runs what the options name.</summary>
    /// <param name="options">What to run, and how to print it.</param>
    /// <param name="newRunner">Makes a runner of the suite's kind, one for each thread.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="OperatorException">The output can't be written.</exception>
    public static int Run(SuiteOptions options, Func<TestOptions, ITestRunner> newRunner)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16);
        using var error = new StreamWriter(Console.OpenStandardError(), bufferSize: 1 << 16);
        output.NewLine = error.NewLine = "\n";
        var report = new SuiteReport(options, output, error);
        TestOptions tests = options.Tests with { Trace = options.Trace ? error : null };
        try
        {
            if (options.Paths.Count == 0) RunNamesFromInput(report, newRunner(tests));
            else RunPaths(options, report, () => newRunner(tests));
            report.PrintSummary();
            report.EndFile();
        }
        catch (IOException problem)
        {
            throw new OperatorException($"the output can't be written: {problem.Message}");
        }
        catch (AggregateException problem) when (problem.InnerException is NativeLibraryMissingException missing)
        {
            // What several threads throw comes together.
            throw new OperatorException(missing.Message);
        }

        return report.ExitCode;
    }

    /// <summary>
    /// Names of files come line by line, and each is answered before the next is read: a fuzzer keeps the process and
    /// feeds it.
    /// </summary>
    private static void RunNamesFromInput(SuiteReport report, ITestRunner runner)
    {
        while (Console.In.ReadLine() is { } line)
        {
            if (line.Length == 0) continue;
            foreach (string file in Files([line], report))
            {
                foreach (TestOutcome outcome in runner.RunFile(file)) report.Add(outcome);
                report.EndFile();
            }

            report.PrintJson();
            report.EndFile();
        }
    }

    private static void RunPaths(SuiteOptions options, SuiteReport report, Func<ITestRunner> newRunner)
    {
        List<string> files = Files(options.Paths, report);
        bool showsProgress = !Console.IsErrorRedirected && Console.IsOutputRedirected && !options.Trace;
        long next = MonotonicClock.NowNs() + ProgressIntervalNs;
        int done = 0;
        foreach (IEnumerable<TestOutcome> outcomes in Outcomes(files, options.Jobs, newRunner))
        {
            foreach (TestOutcome outcome in outcomes) report.Add(outcome);
            report.EndFile();
            done++;
            if (!showsProgress || MonotonicClock.NowNs() < next) continue;
            Console.Error.Write($"\r{done} of {files.Count} files: {report.Summary}");
            next = MonotonicClock.NowNs() + ProgressIntervalNs;
        }

        if (showsProgress && files.Count > 1)
            Console.Error.WriteLine($"\r{done} of {files.Count} files: {report.Summary}");
        report.PrintJson();
    }

    /// <summary>The outcomes of each file, in the order of the files however many run at the same time.</summary>
    private static IEnumerable<IEnumerable<TestOutcome>> Outcomes(
        List<string> files, int jobs, Func<ITestRunner> newRunner)
    {
        if (jobs == 1 || files.Count < 2)
        {
            // Not collected first: a long file shows its cases as they end, and traces stand before their results.
            ITestRunner only = newRunner();
            return files.Select(only.RunFile);
        }

        var runners = new ThreadLocal<ITestRunner>(newRunner);
        return files.AsParallel().AsOrdered()
            .WithDegreeOfParallelism(jobs)
            .WithMergeOptions(ParallelMergeOptions.NotBuffered)
            .Select(file => runners.Value!.RunFile(file).ToList());
    }

    private static List<string> Files(IReadOnlyList<string> paths, SuiteReport report)
    {
        var files = new List<string>();
        foreach (string path in paths)
        {
            try
            {
                files.AddRange(SuiteFiles.Find(path));
            }
            catch (OperatorException error)
            {
                report.AddUnreadable(error.Message);
            }
        }

        return files;
    }
}
