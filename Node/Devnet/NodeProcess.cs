using System.Diagnostics;
using System.Globalization;

namespace Fragcast.Node.Devnet;

/// <summary>
/// One node process of a devnet. Its standard input is held open and its end is the request to stop, so that no node
/// outlives the devnet, however that ends.
/// </summary>
internal sealed class NodeProcess : IDisposable
{
    private const string ReadyWord = "ready";
    private const string CommittedWord = "committed";
    private const string DoneWord = "done";

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Lock _logLock = new();
    private long _lastSignNs;
    private int _committed;
    private bool _ready;
    private bool _done;

    private NodeProcess(string name, string folder, ProcessStartInfo start)
    {
        Name = name;
        LogFile = Path.Combine(folder, "log");
        _log = new StreamWriter(LogFile) { AutoFlush = true };
        _lastSignNs = MonotonicClock.NowNs();
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => WriteLog(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What the table calls it.</summary>
    public string Name { get; }

    /// <summary>Where its output goes.</summary>
    public string LogFile { get; }

    /// <summary>Whether it listens and knows its chain.</summary>
    public bool IsReady => Volatile.Read(ref _ready);

    /// <summary>Whether it committed all blocks and wrote its results.</summary>
    public bool IsDone => Volatile.Read(ref _done);

    /// <summary>Blocks committed so far.</summary>
    public int Committed => Volatile.Read(ref _committed);

    /// <summary>When it last said anything, on the monotonic clock.</summary>
    public long LastSignNs => Volatile.Read(ref _lastSignNs);

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its exit code, once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts a node.</summary>
    /// <param name="name">What the table calls it.</param>
    /// <param name="folder">Its own folder.</param>
    /// <param name="arguments">Arguments after 'fragcast node'.</param>
    public static NodeProcess Start(string name, string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Run by 'dotnet fragcast.dll', the process is dotnet and the assembly its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "fragcast.dll"));
        }

        start.ArgumentList.Add("node");
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new NodeProcess(name, folder, start);
    }

    /// <summary>Says on standard output that the node listens.</summary>
    public static void SayReady() => Say(ReadyWord);

    /// <summary>Says on standard output that a block is committed.</summary>
    public static void SayCommitted(ulong number, string hash, uint epoch) =>
        Say(string.Create(CultureInfo.InvariantCulture, $"{CommittedWord} {number} {hash} epoch {epoch}"));

    /// <summary>Says on standard output that all is committed and written.</summary>
    public static void SayDone() => Say(DoneWord);

    /// <summary>Asks the node to stop.</summary>
    public void RequestStop()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already and its end of the pipe with it.
        }
    }

    /// <summary>Waits for the node's end, and kills it when that takes too long.</summary>
    /// <returns>False when it had to be killed.</returns>
    public bool WaitForStop(TimeSpan patience)
    {
        if (_process.WaitForExit(patience))
        {
            return true;
        }

        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        return false;
    }

    /// <summary>The last lines of its output.</summary>
    public IReadOnlyList<string> LogTail(int lines)
    {
        lock (_logLock)
        {
            _log.Flush();
        }

        return File.ReadLines(LogFile).TakeLast(lines).ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            RequestStop();
            WaitForStop(TimeSpan.FromSeconds(1));
        }

        // Returns only after the asynchronous readers are through, so that the log has its last lines.
        _process.WaitForExit();
        _process.Dispose();
        lock (_logLock)
        {
            _log.Dispose();
        }
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            return;
        }

        // Release in each branch: whoever sees the flag sees what the node did before it said so.
        Volatile.Write(ref _lastSignNs, MonotonicClock.NowNs());
        if (line == ReadyWord)
        {
            Volatile.Write(ref _ready, true);
        }
        else if (line == DoneWord)
        {
            Volatile.Write(ref _done, true);
        }
        else if (line.StartsWith(CommittedWord, StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _committed);
        }

        WriteLog(line);
    }

    private void WriteLog(string? line)
    {
        if (line is not null)
        {
            lock (_logLock)
            {
                _log.WriteLine(line);
            }
        }
    }
}
