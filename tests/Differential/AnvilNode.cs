using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fragcast.Primitives;

namespace Fragcast.Differential;

/// <summary>An anvil process on a free loopback port, and its JSON-RPC. It ends with this object.</summary>
internal sealed partial class AnvilNode : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(60);

    private const int LastLinesMax = 20;

    private readonly HttpClient _http = new() { Timeout = CallLimit };
    private readonly ManualResetEventSlim _isReady = new();
    private readonly Queue<string> _lastLines = new();
    private readonly string _genesisFile;
    private readonly Process _process;
    private Uri? _uri;

    public AnvilNode(Setup setup, string genesisJson)
    {
        _genesisFile = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".json");
        File.WriteAllText(_genesisFile, genesisJson);
        var start = new ProcessStartInfo(AnvilBinary.Path, Arguments(setup))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => OnOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => OnError(line.Data);
        _process.Start();
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (_isReady.Wait(StartLimit) && _uri is not null) return;
        Dispose();
        throw new InvalidOperationException("anvil did not start: " + string.Join(Environment.NewLine, LastLines));
    }

    /// <summary>What it printed last.</summary>
    public string[] LastLines
    {
        get
        {
            lock (_lastLines) return [.. _lastLines];
        }
    }

    /// <summary>Calls a method that has to succeed.</summary>
    public JsonElement Call(string method, params object?[] parameters) =>
        TryCall(out JsonElement result, out string error, method, parameters)
            ? result
            : throw new InvalidOperationException($"{method}: {error}");

    /// <summary>Calls a method; false with anvil's message when it refuses.</summary>
    public bool TryCall(out JsonElement result, out string error, string method, params object?[] parameters)
    {
        string body = JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 1, method, @params = parameters });
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, _uri) { Content = content };
        using HttpResponseMessage response = _http.Send(request);
        using Stream stream = response.Content.ReadAsStream();
        using JsonDocument document = JsonDocument.Parse(stream);
        bool isError = document.RootElement.TryGetProperty("error", out JsonElement failure);
        error = isError ? failure.GetProperty("message").GetString()! : "";
        result = isError ? default : document.RootElement.GetProperty("result").Clone();
        return !isError;
    }

    /// <summary>All accounts.</summary>
    public JsonElement DumpAccounts()
    {
        using var packed = new MemoryStream(Hex.Decode(Call("anvil_dumpState").GetString()!));
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(unpacked);
        return document.RootElement.GetProperty("accounts").Clone();
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();

        _process.Dispose();
        _http.Dispose();
        _isReady.Dispose();
        File.Delete(_genesisFile);
    }

    private List<string> Arguments(Setup setup)
    {
        List<string> arguments =
        [
            "--network", setup.Network, "--hardfork", setup.Name, "--chain-id", $"{Setup.ChainId}",
            "--init", _genesisFile, "--port", "0", "--accounts", "1", "--order", "fifo", "--no-mining",
            "--disable-min-priority-fee", "--disable-default-create2-deployer", "--disable-pool-balance-checks",
            "--no-request-size-limit",
        ];

        // EIP-7825 is part of Osaka; anvil asks for it by a flag of its own.
        if (setup.Name == "osaka") arguments.Add("--enable-tx-gas-limit");
        return arguments;
    }

    private void OnExit(object? sender, EventArgs e) => _process.Kill();

    private void OnError(string? line)
    {
        if (line is not null) OnOutput(line);
    }

    private void OnOutput(string? line)
    {
        if (line is null)
        {
            // The end of its output: it ended, perhaps before it listened.
            _isReady.Set();
            return;
        }

        lock (_lastLines)
        {
            if (_lastLines.Count == LastLinesMax) _lastLines.Dequeue();
            _lastLines.Enqueue(line);
        }

        if (_uri is not null || Listening().Match(line) is not { Success: true } match) return;
        _uri = new Uri($"http://127.0.0.1:{match.Groups[1].Value}");
        _isReady.Set();
    }

    [GeneratedRegex(@"Listening on 127\.0\.0\.1:(\d+)")]
    private static partial Regex Listening();
}
