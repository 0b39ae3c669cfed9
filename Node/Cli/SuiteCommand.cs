using System.CommandLine;
using System.Text.RegularExpressions;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Fixtures;
using Fragcast.Node.Suites;

namespace Fragcast.Node.Cli;

/// <summary>
/// fragcast statetest and fragcast blocktest: the public test suites, with the options and the output that tools which
/// compare EVMs know from geth's evm.
/// </summary>
internal sealed class SuiteCommand
{
    private const string StandardInput = "-";
    private const int JobsMax = 64;

    private readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "Test files and folders of them; none, or -, reads names of files from standard input",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print a JSON array of results, and each state root to standard error",
    };

    private readonly Option<bool> _trace = new("--trace")
    {
        Description = "Write EIP-3155 traces to standard error",
    };

    private readonly Option<string?> _run = new("--run")
    {
        Description = "Only tests whose name this regular expression matches",
        HelpName = "REGEX",
    };

    private readonly Option<string?> _fork = new("--fork", "--statetest.fork")
    {
        Description = "Only cases of this upgrade, by its name in the suite",
        HelpName = "NAME",
    };

    private readonly Option<int?> _index = new("--index", "--statetest.index")
    {
        Description = "Only the case with this number of each test and upgrade",
        HelpName = "N",
    };

    private readonly Option<ExecutionTier> _tier = new("--tier")
    {
        Description = "How code is run; traces always come from the interpreter",
        HelpName = "auto|interpreter|decoded|compiled",
    };

    private readonly Option<int> _jobs = new("--jobs")
    {
        Description = "Files that are run at the same time",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };

    // What fuzzers pass to geth: the only form there is, and what traces never have.
    private readonly Option<string?> _traceFormat = new("--trace.format") { Hidden = true };
    private readonly Option<bool?> _noMemory = new("--trace.nomemory", "--nomemory") { Hidden = true };
    private readonly Option<bool?> _noReturnData = new("--trace.noreturndata", "--noreturndata") { Hidden = true };

    /// <summary>Makes fragcast statetest.</summary>
    public static Command CreateStateTest() => Create(
        "statetest",
        "Run state tests (ethereum/tests GeneralStateTests, EEST state_tests)",
        name => ForkNames.TryParse(name, out _),
        options => new StateTestRunner(options));

    /// <summary>Makes fragcast blocktest.</summary>
    public static Command CreateBlockTest() => Create(
        "blocktest",
        "Run block tests (ethereum/tests BlockchainTests, EEST blockchain_tests)",
        name => ForkNames.TryParseNetwork(name, out _),
        options => new BlockTestRunner(options));

    private static Command Create(
        string name, string description, Func<string, bool> isFork, Func<TestOptions, ITestRunner> newRunner)
    {
        var options = new SuiteCommand();
        var command = new Command(name, description)
        {
            options._paths, options._json, options._trace, options._run, options._fork, options._index, options._tier,
            options._jobs, options._traceFormat, options._noMemory, options._noReturnData,
        };
        command.SetAction(parsed => SuiteRun.Run(options.Read(parsed, isFork), newRunner));
        return command;
    }

    private SuiteOptions Read(ParseResult parsed, Func<string, bool> isFork)
    {
        string[] paths = parsed.GetValue(_paths) ?? [];
        if (paths is [StandardInput]) paths = [];
        else if (paths.Contains(StandardInput))
            throw new OperatorException("- stands for standard input and can't stand beside a PATH");
        else if (paths.Length == 0 && !Console.IsInputRedirected)
            throw new OperatorException("no PATH is given (- reads names of files from the terminal)");

        bool trace = parsed.GetValue(_trace);
        int jobs = SharedOptions.InRange(_jobs, parsed.GetValue(_jobs), 1, JobsMax);
        if (trace && jobs > 1) throw new OperatorException("--trace needs --jobs 1: traces come one after the other");
        if (parsed.GetValue(_traceFormat) is { } format and not "json")
            throw new OperatorException($"--trace.format {format} is not known; traces are json (EIP-3155)");
        if (parsed.GetValue(_noMemory) == false || parsed.GetValue(_noReturnData) == false)
            throw new OperatorException("traces have no memory and no return data");
        if (parsed.GetValue(_fork) is { } fork && !isFork(fork))
            throw new OperatorException($"--fork {fork} is not known; upgrades: {string.Join(' ', ForkNames.All)}");
        return new SuiteOptions
        {
            Paths = paths,
            Json = parsed.GetValue(_json),
            Trace = trace,
            Jobs = jobs,
            Tests = new TestOptions
            {
                Names = ReadNames(parsed.GetValue(_run)),
                Fork = parsed.GetValue(_fork),
                Index = parsed.GetValue(_index),
                Tier = parsed.GetValue(_tier),
            },
        };
    }

    /// <summary>Without backtracking the time that a match takes is bounded by the name's length.</summary>
    private static Regex? ReadNames(string? pattern)
    {
        try
        {
            return pattern is null
                ? null
                : new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new OperatorException($"--run {pattern} is no regular expression that can be used: {error.Message}");
        }
    }
}
