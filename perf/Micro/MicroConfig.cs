using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Fragcast.Perf.Micro;

/// <summary>How the micro-benchmarks run.</summary>
internal static class MicroConfig
{
    /// <summary>
    /// The configuration: in this process, because the projects that BenchmarkDotNet would generate do not fit central
    /// package versions and the shared artifacts folder; with the memory diagnoser.
    /// </summary>
    /// <param name="isDry">Whether to run every benchmark once only.</param>
    /// <param name="logger">Where the progress and the tables go.</param>
    /// <param name="artifactsPath">Where results go; null for the default folder, which git ignores.</param>
    public static IConfig Create(bool isDry, ILogger logger, string? artifactsPath = null)
    {
        Job job = (isDry ? Job.Dry : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance);
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(logger)
            .AddExporter(JsonExporter.Brief);
        return artifactsPath is null ? config : config.WithArtifactsPath(artifactsPath);
    }
}
