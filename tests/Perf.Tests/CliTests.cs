using System.CommandLine;

namespace Fragcast.Perf.Tests;

public sealed class CliTests
{
    [Theory]
    [InlineData("ring", "--no-such-flag")]
    [InlineData("ring", "--json")]
    [InlineData("ring", "--json", "no/such/folder/report.json")]
    [InlineData("precompiles", "--filter")]
    [InlineData("precompiles", "--filter", "no such precompile")]
    [InlineData("evm", "--data", "no/such/folder")]
    [InlineData("evm", "--suite", "no-such-suite")]
    [InlineData("evm", "--tier", "no-such-tier")]
    [InlineData("evm", "--program", "no-such-program")]
    [InlineData("block", "no/such/file.json.gz")]
    [InlineData("chunks", "--no-such-flag")]
    [InlineData("transport", "--only", "no such part")]
    [InlineData("transport", "--engine", "no such engine")]
    [InlineData("simulate", "--scheme", "no-such-scheme")]
    [InlineData("simulate", "--scenario", "no-such-scenario")]
    [InlineData("simulate", "--svg", "no/such/folder/plot.svg")]
    [InlineData("simulate", "--nodes", "1")]
    [InlineData("simulate", "--regions", "34")]
    [InlineData("simulate", "--loss", "50")]
    [InlineData("simulate", "--loss", "0", "--burst", "10")]
    [InlineData("simulate", "--rotate", "2", "--leaders", "1")]
    [InlineData("simulate", "--cold")]
    [InlineData("simulate", "--nodes", "3", "--leaders", "3")]
    [InlineData("simulate", "--duration", "0.001")]
    [InlineData("simulate", "--nodes", "100000")]
    [InlineData("nothing")]
    [InlineData]
    public void Invoke_WrongArguments_FailsWithALine(params string[] arguments)
    {
        (int code, string errors) = Invoke(arguments);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Single(errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Invoke_UnknownBenchmark_FailsWithALine()
    {
        (int code, string errors) = Invoke("micro", "*NoSuchBenchmark*");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("NoSuchBenchmark", errors, StringComparison.Ordinal);
    }

    private static (int Code, string Errors) Invoke(params string[] arguments)
    {
        StringWriter errors = new();
        InvocationConfiguration console = new() { Output = TextWriter.Null, Error = errors };
        return (Cli.Run(arguments, console), errors.ToString());
    }
}
