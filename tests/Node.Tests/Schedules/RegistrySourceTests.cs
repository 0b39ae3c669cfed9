using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Fragcast.Node.Schedules;
using Fragcast.Node.Tests.Cli;
using Fragcast.Node.Tests.Stages;
using Fragcast.Primitives;
using Fragcast.Schedule;
using Fragcast.Schedule.Sources;

namespace Fragcast.Node.Tests.Schedules;

/// <summary>Against a real HTTP server on loopback.</summary>
public sealed class RegistrySourceTests : IDisposable
{
    private static readonly Address A = Address.FromUInt256(new UInt256(0xA));
    private static readonly Address B = Address.FromUInt256(new UInt256(0xB));

    private readonly CountingLogger _log = new();
    private readonly TestRegistry _registry = new();

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void Registry_Answers_GivesTheLeadersAheadAndFollows()
    {
        using RegistrySource source = Start();
        TestNetwork.WaitUntil(() => Leader(source, 104) == A, "four blocks ahead are known");
        Assert.Equal([A, B, A, B], Enumerable.Range(100, 4).Select(block => Leader(source, (ulong)block)));
        Assert.Null(Leader(source, 105));
        _registry.Current = 101;
        TestNetwork.WaitUntil(() => Leader(source, 105) == B, "the next block is known");
        Assert.Contains("application/json", _registry.ContentType, StringComparison.Ordinal);
    }

    [Fact]
    public void Registry_Outage_KeepsTheLastKnownAndSaysSoOnce()
    {
        using RegistrySource source = Start();
        TestNetwork.WaitUntil(() => Leader(source, 104) == A, "four blocks ahead are known");
        _registry.Answer = _ => (503, "");
        TestNetwork.WaitUntil(() => _log.Count("does not answer: HTTP 503") == 1, "the outage is said");
        Assert.Equal(A, Leader(source, 104));
        int asked = _registry.Asked;
        TestNetwork.WaitUntil(() => _registry.Asked > asked + 2, "it is asked again");
        Assert.Equal(1, _log.Count("does not answer"));
        _registry.Answer = null;
        TestNetwork.WaitUntil(() => _log.Count("answers again") == 1, "the end of the outage is said");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{\"result\": [1, 2, 3, 4]}")]
    [InlineData("LONG")]
    public void Registry_Nonsense_IsRefusedInOneLine(string body)
    {
        string text = body == "LONG" ? new string(' ', 10 * RegistryAnswer.LengthMax) : body;
        _registry.Answer = _ => (200, text);
        using RegistrySource source = Start();
        TestNetwork.WaitUntil(() => _registry.Asked > 3, "it is asked again");
        Assert.Equal(1, _log.Count("refused, the leaders known so far hold"));
        Assert.Null(Leader(source, 100));
    }

    [Fact]
    public void Registry_NobodyThere_IsSaidAndCanBeStopped()
    {
        Uri url = _registry.Url;
        _registry.Dispose();
        using var source = new RegistrySource(url, new RegistryOptions { RefreshNs = 10_000_000 }, _log);
        TestNetwork.WaitUntil(() => _log.Count("does not answer") == 1, "it is said");
    }

    [Fact]
    public async Task ScheduleCommand_Registry_PrintsItsLeaders()
    {
        (int exitCode, string output, string error) = await FragcastProcess.RunAsync(
            "schedule", "--schedule", "registry", "--registry", _registry.Url.ToString(),
            "--from", "100", "--count", "1");
        Assert.Equal((0, $"100 {A}\n", ""), (exitCode, output, error));
    }

    private RegistrySource Start() =>
        new(_registry.Url, new RegistryOptions { BlocksAhead = 4, RefreshNs = 20_000_000 }, _log);

    private static Address? Leader(RegistrySource source, ulong block) =>
        source.Schedule.LeaderOf(block, out Address leader) == LeaderLookup.Known ? leader : null;

    /// <summary>A registry: A leads even blocks, B odd ones.</summary>
    private sealed class TestRegistry : IDisposable
    {
        private readonly HttpListener _listener = new();
        private int _asked;

        public TestRegistry()
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
            probe.Stop();
            _listener.Prefixes.Add(Url.ToString());
            _listener.Start();
            new Thread(Serve) { IsBackground = true, Name = "test-registry" }.Start();
        }

        public Uri Url { get; }

        public ulong Current { get; set; } = 100;

        public string ContentType { get; private set; } = "";

        public int Asked => Volatile.Read(ref _asked);

        public Func<string, (int Status, string Body)>? Answer { get; set; }

        public void Dispose() => _listener.Close();

        private void Serve()
        {
            try
            {
                while (true)
                {
                    HttpListenerContext call = _listener.GetContext();
                    using var reader = new StreamReader(call.Request.InputStream);
                    string question = reader.ReadToEnd();
                    ContentType = call.Request.ContentType ?? "";
                    Interlocked.Increment(ref _asked);
                    (int status, string body) = Answer is { } answer ? answer(question) : (200, Good(question));
                    byte[] bytes = Encoding.UTF8.GetBytes(body);
                    call.Response.StatusCode = status;
                    call.Response.ContentLength64 = bytes.Length;
                    call.Response.OutputStream.Write(bytes);
                    call.Response.Close();
                }
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                // Closed, or the client went away with the test.
            }
        }

        private string Good(string question)
        {
            using var call = JsonDocument.Parse(question);
            ulong ahead = call.RootElement.GetProperty("method").GetString() == "registry_futureGateway"
                ? call.RootElement.GetProperty("params")[0].GetUInt64()
                : 0;
            ulong block = Current + ahead;
            Address leader = block % 2 == 0 ? A : B;
            string result = $"[{block},\"http://localhost:9997/\",\"{leader}\",\"0x{new string('5', 64)}\"]";
            return $$"""{"jsonrpc":"2.0","id":1,"result":{{result}}}""";
        }
    }
}
