using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Fragcast.Perf.Micro;

namespace Fragcast.Perf.Tests;

/// <summary>Every micro-benchmark runs once, so that none rots.</summary>
public sealed class MicroTests
{
    public static TheoryData<Type> Classes =>
    [
        .. typeof(MicroConfig).Assembly.GetTypes()
            .Where(type => type.GetMethods().Any(method => method.IsDefined(typeof(BenchmarkAttribute), true))),
    ];

    [Theory]
    [MemberData(nameof(Classes))]
    public void Run_EachOnce_AllSucceed(Type benchmarks)
    {
        string artifacts = Directory.CreateTempSubdirectory("fragcast-perf-").FullName;
        try
        {
            IConfig config = MicroConfig.Create(isDry: true, NullLogger.Instance, artifacts);
            Summary summary = BenchmarkRunner.Run(benchmarks, config);
            Assert.False(summary.HasCriticalValidationErrors);
            Assert.NotEmpty(summary.Reports);
            Assert.All(summary.Reports, report => Assert.True(report.Success, report.BenchmarkCase.DisplayInfo));
        }
        finally
        {
            Directory.Delete(artifacts, recursive: true);
        }
    }
}
