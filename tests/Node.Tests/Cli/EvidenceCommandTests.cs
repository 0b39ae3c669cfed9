using System.Text.Json;
using Fragcast.Gossip;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Node.Config;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;
using Fragcast.Schedule;

namespace Fragcast.Node.Tests.Cli;

public sealed class EvidenceCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EvidenceRecord _evidence = Make(block: 101);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task List_Show_Verify_Export_SayWhoSignedWhat()
    {
        string folder = _folder.File("evidence");
        EvidenceFolder opened = EvidenceFolder.Open(folder);
        Assert.True(opened.Add(_evidence));
        Assert.False(opened.Add(_evidence));
        Assert.True(opened.Add(Make(block: 102)));
        Assert.Equal(2, EvidenceFolder.Open(folder).Count);
        string file = Path.Combine(folder, _evidence.Id + EvidenceFolder.Extension);

        string list = await Succeed("list", folder);
        Assert.Equal(3, list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains($"{_evidence.Id} leader {_evidence.Leader} block 101", list, StringComparison.Ordinal);
        Assert.Contains(_evidence.SecondDigest.ToString(), await Succeed("show", file), StringComparison.Ordinal);
        Assert.StartsWith($"proven: {_evidence.Leader}", await Succeed("verify", file), StringComparison.Ordinal);

        using JsonDocument json = JsonDocument.Parse(await Succeed("export", folder));
        JsonElement first = json.RootElement[0];
        Assert.Equal(2, json.RootElement.GetArrayLength());
        Assert.Equal(_evidence.Leader.ToString(), first.GetProperty("leader").GetString());
        byte[] bytes = Hex.TryDecode(first.GetProperty("bytes").GetString()!, out byte[]? decoded) ? decoded : [];
        Assert.Equal(_evidence.Bytes.ToArray(), bytes);
    }

    [Fact]
    public async Task Verify_WhatProvesNothing_SaysSo()
    {
        byte[] bytes = _evidence.Bytes.ToArray();
        bytes[^1] ^= 1;
        string forged = _folder.File("forged.evidence");
        await File.WriteAllBytesAsync(forged, bytes);
        await FragcastProcess.AssertOneClearLineAsync("this proves nothing", "evidence", "verify", forged);
        await File.WriteAllBytesAsync(forged, new byte[100_000]);
        await FragcastProcess.AssertOneClearLineAsync("BadLength", "evidence", "show", forged);
        await FragcastProcess.AssertOneClearLineAsync("missing", "evidence", "list", _folder.File("missing"));
    }

    internal static EvidenceRecord Make(ulong block)
    {
        var key = new byte[32];
        key.AsSpan().Fill(1);
        using var writer = new EnvelopeWriter(42, key);
        var gate = new MessageGate(new RoundRobinSchedule([SequencerKeys.AddressOf(key, "test")], 0), 42);
        gate.SetHead(0, block - 1);
        GossipMessage message = default;
        for (byte content = 1; content <= 2; content++)
        {
            ReadOnlyMemory<byte>[] transactions = [new byte[] { content }];
            byte[] framed = writer.Write(0, new FragHeader(block, 0, IsLast: false), transactions).ToArray();
            Assert.Equal(Refusal.None, gate.Check(framed.AsMemory(GreetingLayout.LengthPrefix), out message));
        }

        return message.Evidence!;
    }

    private static async Task<string> Succeed(params string[] arguments)
    {
        (int exitCode, string output, string error) = await FragcastProcess.RunAsync(["evidence", .. arguments]);
        Assert.Equal((0, ""), (exitCode, error));
        return output;
    }
}
