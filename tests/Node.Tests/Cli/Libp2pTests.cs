using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Fragcast.Node.Tests.Cli;

/// <summary>A libp2p node, as a user would install it, dials the binary.</summary>
public sealed class Libp2pTests : IDisposable
{
    private const string Sequencer = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [JsLibp2pFact]
    public async Task Run_WithLibp2p_AnswersItsPing()
    {
        int port = FreePort();
        using FragcastProcess.RunningProcess node = FragcastProcess.Start(
            "node", "--identity", _folder.File("identity.key"), "--sequencer", Sequencer, "--warm-up", "0",
            "--listen", $"127.0.0.1:{port}", "--transport", "ngtcp2", "--libp2p");
        string peer = (await WaitForLineAsync(node, "listens on")).Split(' ').Single(word => word.StartsWith("12D3"));

        using JsonDocument result = JsonDocument.Parse(
            await JsLibp2pFactAttribute.DialAsync($"/ip4/127.0.0.1/udp/{port}/quic-v1/p2p/{peer}"));

        Assert.Equal(peer, result.RootElement.GetProperty("remote").GetString());
        string seen = await WaitForLineAsync(node, "libp2p node");
        Assert.Contains(result.RootElement.GetProperty("local").GetString()!, seen, StringComparison.Ordinal);
    }

    private static async Task<string> WaitForLineAsync(FragcastProcess.RunningProcess node, string mark)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (await node.Process.StandardError.ReadLineAsync(timeout.Token) is { } line)
        {
            if (line.Contains(mark, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The node ended before it said '{mark}'.");
    }

    // Another process may take it meanwhile; the node then says so and the test fails.
    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
