using System.Diagnostics;
using System.Net;
using Fragcast.Primitives.Metrics;
using Fragcast.Transport;
using Fragcast.Transport.Identity;

namespace Fragcast.Perf.Transport;

/// <summary>
/// A process of its own that sends everything back: what comes to an endpoint of one engine, and what comes to a raw
/// UDP socket. It ends when its standard input does, so that it never outlives the one who started it.
/// </summary>
internal sealed class FarProcess : IDisposable
{
    private readonly Process _process;

    private FarProcess(Process process, IPEndPoint raw, IPEndPoint endpoint, PeerId peer)
    {
        _process = process;
        Raw = raw;
        Endpoint = endpoint;
        Peer = peer;
    }

    /// <summary>Where its raw socket is.</summary>
    public IPEndPoint Raw { get; }

    /// <summary>Where its endpoint is.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>The identity of its endpoint.</summary>
    public PeerId Peer { get; }

    /// <summary>Starts one; null if it says nothing sensible.</summary>
    /// <param name="engine">The engine's name.</param>
    /// <param name="rawPort">Where the raw socket of this process is.</param>
    public static FarProcess? Start(string engine, int rawPort)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(typeof(FarProcess).Assembly.Location);
        start.ArgumentList.Add(TransportFarCommand.Name);
        start.ArgumentList.Add(engine);
        start.ArgumentList.Add($"{rawPort}");
        Process process = Process.Start(start)!;
        string[] words = (process.StandardOutput.ReadLine() ?? "").Split(' ');
        if (words.Length == 3 && IPEndPoint.TryParse(words[0], out IPEndPoint? raw)
            && IPEndPoint.TryParse(words[1], out IPEndPoint? endpoint) && PeerId.TryParse(words[2], out PeerId peer))
            return new FarProcess(process, raw, endpoint, peer);
        process.Kill();
        process.Dispose();
        return null;
    }

    /// <summary>The work of such a process, until the input ends.</summary>
    /// <returns>Whether there is that engine.</returns>
    public static bool Serve(string engine, int rawPort, TextReader input, TextWriter output)
    {
        if (EngineChoice.Find(engine) is not [{ } choice, ..])
            return false;
        Responder responder = new();
        using ITransportEndpoint endpoint = responder.Endpoint = choice.Start(responder);
        using RawSocket raw = new(spins: false);
        raw.Connect(new IPEndPoint(IPAddress.Loopback, rawPort));
        Thread echo = new(raw.EchoAll) { IsBackground = true, Name = "raw far" };
        echo.Start();
        output.WriteLine($"{raw.LocalEndPoint} {endpoint.LocalEndPoint} {endpoint.LocalPeer}");
        output.Flush();
        _ = input.ReadToEnd();
        return true;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}

/// <summary>
/// An endpoint here and one in a process of its own. Processor time and allocations are those of this side.
/// </summary>
internal sealed class ProcessPair : IExchangePair
{
    private readonly Pinger _pinger = new(() => 0);
    private readonly ITransportEndpoint _near;
    private readonly EngineChoice _engine;
    private readonly bool _isConnected;

    public ProcessPair(EngineChoice engine, FarProcess far)
    {
        _engine = engine;
        _near = _pinger.Endpoint = engine.Start(_pinger);
        _isConnected = _pinger.TryConnect(far.Endpoint, far.Peer);
    }

    public string Name => $"{_engine.Name} in two processes";

    public bool MustNotAllocate => _engine.MustNotAllocate;

    public string? Limit => RawProcessPair.NameBeside(_engine);

    public long AllocatedBytes => _pinger.AllocatedBytes;

    public void Dispose()
    {
        _near.Dispose();
        _pinger.Dispose();
    }

    public bool Run(Exchange exchange, int count, LatencyHistogram durations) =>
        _isConnected && _pinger.Run(exchange, count, durations);
}

/// <summary>The limit: a raw UDP socket here and one in another process.</summary>
internal sealed class RawProcessPair(EngineChoice beside, RawSocket near) : IExchangePair
{
    public string Name => NameBeside(beside);

    public bool MustNotAllocate => true;

    public string? Limit => null;

    public long AllocatedBytes { get; private set; }

    /// <summary>Its name in the runs with an engine.</summary>
    public static string NameBeside(EngineChoice engine) => $"raw UDP in the processes of {engine.Name}";

    public void Dispose() => near.Dispose();

    public bool Run(Exchange exchange, int count, LatencyHistogram durations)
    {
        MessageBytes message = new(exchange.Bytes);
        long allocatedBefore = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < count; i++)
        {
            message.Number(i);
            long startedNs = Cost.NowNs;
            near.Send(message.Span);
            if (!near.TryReceive(message))
                return false;
            if (i > 0)
                durations.Record(Cost.NowNs - startedNs);
        }

        AllocatedBytes = GC.GetTotalAllocatedBytes(precise: true) - allocatedBefore;
        return true;
    }
}
