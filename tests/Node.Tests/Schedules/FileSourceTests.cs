using Fragcast.Node.Cli;
using Fragcast.Node.Schedules;
using Fragcast.Node.Tests.Stages;
using Fragcast.Primitives;
using Fragcast.Schedule;

namespace Fragcast.Node.Tests.Schedules;

public sealed class FileSourceTests : IDisposable
{
    private const string A = "0x1111111111111111111111111111111111111111";
    private const string B = "0x2222222222222222222222222222222222222222";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private readonly TemporaryFolder _folder = new();
    private readonly CountingLogger _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void File_Edited_IsReadAnewAndABadEditKeepsTheLastGoodOne()
    {
        string path = Write(RoundRobin(A));
        using var source = new FileSource(path, Poll, _log);
        Assert.Equal(A, LeaderOf(source, 5));

        Write(RoundRobin(B));
        TestNetwork.WaitUntil(() => LeaderOf(source, 5) == B, "the edit is read");

        Write("{ \"source\": \"round-robin\" ");
        TestNetwork.WaitUntil(() => _log.Count("the schedule before holds") == 1, "the bad edit is said");
        Assert.Equal(B, LeaderOf(source, 5));

        File.Delete(path);
        TestNetwork.WaitUntil(() => _log.Count("cannot be read") == 1, "the missing file is said");
        Assert.Equal(B, LeaderOf(source, 5));

        Write(RoundRobin(A));
        TestNetwork.WaitUntil(() => LeaderOf(source, 5) == A, "the file is read when it is back");
        Assert.Equal(1, _log.Count("the schedule before holds"));
        Assert.Equal(1, _log.Count("cannot be read"));
    }

    [Fact]
    public void Constructor_MissingOrBadFile_SaysWhich()
    {
        Assert.Contains("missing.json", Assert.Throws<OperatorException>(
            () => new FileSource(_folder.File("missing.json"), Poll, _log)).Message);
        string bad = _folder.Write("bad.json", "[]");
        Assert.Contains("bad.json", Assert.Throws<ScheduleException>(() => new FileSource(bad, Poll, _log)).Message);
    }

    private static string RoundRobin(string address) =>
        $$"""{"source": "round-robin", "sequencers": ["{{address}}"]}""";

    private static string LeaderOf(FileSource source, ulong block)
    {
        Assert.Equal(LeaderLookup.Known, source.Schedule.LeaderOf(block, out Address leader));
        return leader.ToString();
    }

    private string Write(string text) => _folder.Write("schedule.json", text);
}
