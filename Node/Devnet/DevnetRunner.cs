using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Fragcast.Node.Cli;
using Fragcast.Node.Tracing;
using Spectre.Console;

namespace Fragcast.Node.Devnet;

/// <summary>
/// Runs a network of node processes on loopback until all have committed all blocks, compares every hash with the
/// real chain's, and prints what it measured.
/// </summary>
internal sealed class DevnetRunner(DevnetOptions options) : IDisposable
{
    // What a shell reports for a process that ended by a signal: 128 and the signal's number.
    private const int ExitInterrupted = 128 + 2;
    private const int ExitTerminated = 128 + 15;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _interrupted = new();
    private int _exitCode = ExitInterrupted;

    /// <summary>Runs the network.</summary>
    /// <returns>An exit code of <see cref="CommandLine"/>.</returns>
    public int Run()
    {
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        ChainPlan plan = ChainPlan.Load(options.BlockFiles, options.Repeat);
        CheckOutput();
        string folder = options.KeepFolder ?? Path.Combine(Path.GetTempPath(), $"fragcast-devnet-{Guid.NewGuid():N}");
        CreateFolder(folder);
        try
        {
            return Run(plan, folder);
        }
        finally
        {
            if (options.KeepFolder is null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _interrupted.Dispose();

    private int Run(ChainPlan plan, string folder)
    {
        DevnetNode[] nodes = CreateNodes(folder);
        Console.Error.WriteLine(
            $"devnet: {options.Sequencers} sequencers and {options.Followers} followers on loopback, "
            + $"{plan.BlocksInAll} blocks in {plan.EpochCount} epochs, {options.FragsPerBlock} frags a block, "
            + $"one every {options.FragInterval.TotalMilliseconds} ms");
        var processes = new List<NodeProcess>();
        try
        {
            for (int i = 0; i < nodes.Length; i++)
            {
                processes.Add(NodeProcess.Start(nodes[i].Name, nodes[i].Folder, Arguments(nodes, i)));
            }

            if (!WaitForAll(processes, plan) || !StopAll(processes))
            {
                return _interrupted.IsCancellationRequested ? _exitCode : CommandLine.ExitDifference;
            }
        }
        finally
        {
            processes.ForEach(p => p.RequestStop());
            processes.ForEach(p => p.Dispose());
        }

        return Report(plan, nodes);
    }

    private DevnetNode[] CreateNodes(string folder)
    {
        int[] ports = DevnetNode.FindFreePorts(options.Sequencers + options.Followers);
        var nodes = new DevnetNode[ports.Length];
        for (int i = 0; i < nodes.Length; i++)
        {
            bool isSequencer = i < options.Sequencers;
            string name = isSequencer ? $"sequencer-{i + 1}" : $"follower-{i - options.Sequencers + 1}";
            nodes[i] = DevnetNode.Create(name, folder, ports[i], isSequencer);
        }

        return nodes;
    }

    private List<string> Arguments(DevnetNode[] nodes, int index)
    {
        DevnetNode node = nodes[index];
        List<string> arguments =
        [
            "--identity", node.IdentityFile,
            "--listen", $"127.0.0.1:{node.Port}",
            "--repeat", Text(options.Repeat),
            "--frags", Text(options.FragsPerBlock),
            "--frag-interval", Text((int)options.FragInterval.TotalMilliseconds),
            "--warm-up", Text(options.WarmUpRounds),
            "--transport", options.Transport.ToString().ToLowerInvariant(),
            "--wait-peers", Text(nodes.Length - 1),
            "--trace", node.TraceFile,
            "--result", node.ResultFile,
            "--exit-with-input",
            // Loopback: the planner sends to every node directly.
            "--uplink", "10000",
        ];
        if (node.Signer is not null)
        {
            arguments.AddRange(["--sequencer-key", node.SequencerFile]);
        }

        foreach (DevnetNode sequencer in nodes.Where(n => n.Signer is not null))
        {
            arguments.AddRange(["--sequencer", sequencer.Signer.ToString()!]);
        }

        // Each pair of nodes has one that dials.
        foreach (DevnetNode peer in nodes.Take(index))
        {
            arguments.AddRange(["--peer", peer.PeerText]);
        }

        foreach (string file in options.BlockFiles)
        {
            arguments.AddRange(["--blocks", file]);
        }

        return arguments;
    }

    private bool WaitForAll(List<NodeProcess> processes, ChainPlan plan)
    {
        int all = processes.Count * plan.BlocksInAll;
        long progressDueNs = MonotonicClock.NowNs();
        while (!processes.All(p => p.IsDone))
        {
            if (_interrupted.Token.WaitHandle.WaitOne(PollInterval))
            {
                Console.Error.WriteLine("devnet: interrupted; stopping all nodes");
                return false;
            }

            if (processes.FirstOrDefault(p => p.HasExited) is { } dead)
            {
                Fail(dead, $"ended early with exit code {dead.ExitCode}");
                return false;
            }

            long now = MonotonicClock.NowNs();
            if (now - processes.Max(p => p.LastSignNs) > (long)options.StallTimeout.TotalNanoseconds)
            {
                Fail(processes.MinBy(p => p.Committed)!, $"nothing happened for {options.StallTimeout.TotalSeconds} s");
                return false;
            }

            if (now >= progressDueNs)
            {
                int done = processes.Sum(p => p.Committed);
                int ready = processes.Count(p => p.IsReady);
                Console.Error.WriteLine($"devnet: {ready} nodes ready, {100.0 * done / all:F0} % of blocks committed");
                progressDueNs = now + (long)ProgressInterval.TotalNanoseconds;
            }
        }

        return true;
    }

    private static bool StopAll(List<NodeProcess> processes)
    {
        processes.ForEach(p => p.RequestStop());
        bool clean = true;
        foreach (NodeProcess process in processes)
        {
            if (!process.WaitForStop(StopPatience))
            {
                Fail(process, $"did not stop within {StopPatience.TotalSeconds} s and was killed");
                clean = false;
            }
            else if (process.ExitCode != CommandLine.ExitSuccess)
            {
                Fail(process, $"ended with exit code {process.ExitCode}");
                clean = false;
            }
        }

        return clean;
    }

    private int Report(ChainPlan plan, DevnetNode[] nodes)
    {
        var reports = new List<NodeReport>();
        foreach (DevnetNode node in nodes)
        {
            NodeResult result = NodeResult.Read(node.ResultFile)
                ?? throw new OperatorException($"{node.ResultFile}: {node.Name} left no result");
            reports.Add(new NodeReport(node.Name, result, TraceFile.Read(node.TraceFile).ToArray()));
        }

        // The first repetition runs on cold code in every process; with more than one it is left out of the times.
        uint warmUpEpochs = options.Repeat > 1 ? (uint)plan.SegmentCount : 0;
        var report = new DevnetReport(reports, plan.ExpectedBlocks().ToArray(), warmUpEpochs);
        report.Print(AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = Console.IsOutputRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(Console.Out),
        }));
        Console.Out.WriteLine(reports[0].Result.Transport);
        if (warmUpEpochs > 0)
        {
            Console.Out.WriteLine("times are those of all repetitions but the first, which warms the code up");
        }

        if (options.JsonFile is { } json)
        {
            report.ToReport(Parameters(reports[0].Result.Transport)).Save(json);
        }

        Console.Out.WriteLine(report.AllEqual
            ? "every node agrees with the real chain"
            : "NOT every node agrees with the real chain");
        return report.AllEqual ? CommandLine.ExitSuccess : CommandLine.ExitDifference;
    }

    private JsonObject Parameters(string transport) => new()
    {
        ["sequencers"] = options.Sequencers,
        ["followers"] = options.Followers,
        ["blocks"] = new JsonArray(
            [.. options.BlockFiles.Select(f => (JsonNode?)JsonValue.Create(Path.GetFileName(f)))]),
        ["repeat"] = options.Repeat,
        ["fragsPerBlock"] = options.FragsPerBlock,
        ["warmUpRounds"] = options.WarmUpRounds,
        ["fragIntervalMs"] = options.FragInterval.TotalMilliseconds,
        ["transport"] = transport,
    };

    private void CheckOutput()
    {
        try
        {
            if (options.JsonFile is { } json)
            {
                File.WriteAllText(json, "");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"--json {options.JsonFile}: cannot be written: {error.Message}");
        }
    }

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            throw new OperatorException($"{folder} exists already; name a new folder");
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{folder}: the folder cannot be made: {error.Message}");
        }
    }

    private static void Fail(NodeProcess process, string what)
    {
        Console.Error.WriteLine($"devnet: {process.Name} {what}; its last lines:");
        foreach (string line in process.LogTail(lines: 10))
        {
            Console.Error.WriteLine($"  {line}");
        }
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private void Interrupt(PosixSignalContext context)
    {
        // The process goes on until its nodes are stopped.
        context.Cancel = true;
        _exitCode = context.Signal == PosixSignal.SIGTERM ? ExitTerminated : ExitInterrupted;
        _interrupted.Cancel();
    }
}
