using System.Text;
using Fragcast.Primitives;
using Fragcast.Schedule.Sources;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Sources;

public sealed class RegistryPlanTests
{
    private const long Second = 1_000_000_000;

    private readonly RegistryPlan _plan = new(new RegistryOptions { BlocksAhead = 3, RefreshNs = Second });

    [Fact]
    public void Round_GoodAnswers_GivesCurrentAndFutureLeaders()
    {
        Round(0, 100, A, B, A, B);
        Assert.Equal(4, _plan.Answers);
        TableSchedule schedule = Take();
        Assert.Equal([A, B, A, B], Leaders(schedule, 100, 4));
        Assert.Equal(LeaderLookup.NotYetKnown, schedule.LeaderOf(104, out _));
        Assert.Equal(Second, _plan.DueNs);
        Assert.False(_plan.TryNext(Second - 1, out _));
        Assert.True(_plan.TryNext(Second, out RegistryQuery query));
        Assert.Equal(0u, query.BlocksAhead);
    }

    [Fact]
    public void Outage_AfterAnswers_KeepsTheLastKnownAndSaysSoOnce()
    {
        Round(0, 100, A, B, A, B);
        Take();
        Assert.True(_plan.TryNext(Second, out _));
        Assert.Contains("refused the connection", _plan.OnFailure("refused the connection", Second));
        Assert.False(_plan.TryTakeSchedule(out _));
        Assert.Equal(2 * Second, _plan.DueNs);
        Assert.True(_plan.TryNext(2 * Second, out _));
        Assert.Null(_plan.OnFailure("refused the connection", 2 * Second));
        Assert.Equal(4 * Second, _plan.DueNs);
        Assert.Equal(2, _plan.Failures);
        for (int i = 0; i < 10; i++)
        {
            long due = _plan.DueNs;
            Assert.True(_plan.TryNext(due, out _));
            Assert.Null(_plan.OnFailure("refused the connection", due));
            Assert.InRange(_plan.DueNs - due, 1, 8 * Second);
        }

        long later = _plan.DueNs;
        Round(later, 103, B, A, B, A);
        Assert.Equal([A, B, A, B, A, B, A], Leaders(Take(), 100, 7));
        Assert.True(_plan.TryNext(_plan.DueNs, out _));
        Assert.NotNull(_plan.OnFailure("again", later));
    }

    [Fact]
    public void FutureSlot_RegistryDoesNotKnow_StaysOpen()
    {
        Ask(0, Answer(100, A));
        Ask(0, Answer(101, B));
        Assert.Null(Ask(0, """{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"unknown"}}"""));
        Ask(0, Answer(103, B));
        TableSchedule schedule = Take();
        Assert.Equal(LeaderLookup.NotYetKnown, schedule.LeaderOf(102, out _));
        Assert.Equal(LeaderLookup.Known, schedule.LeaderOf(103, out _));
        Assert.Equal(0, _plan.Refused);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"result": null}""")]
    [InlineData("""{"result": [101, "http://x/", "0x2222222222222222222222222222222222222222"]}""")]
    [InlineData("""{"result": ["101", "http://x/", "$A", "$S"]}""")]
    [InlineData("""{"result": [-1, "http://x/", "$A", "$S"]}""")]
    [InlineData("""{"result": [101.5, "http://x/", "$A", "$S"]}""")]
    [InlineData("""{"result": [101, "nowhere", "$A", "$S"]}""")]
    [InlineData("""{"result": [101, "ftp://x/", "$A", "$S"]}""")]
    [InlineData("""{"result": [101, 5, "$A", "$S"]}""")]
    [InlineData("""{"result": [101, "http://x/", "0x22", "$S"]}""")]
    [InlineData("""{"result": [101, "http://x/", "0x0000000000000000000000000000000000000000", "$S"]}""")]
    [InlineData("""{"result": [101, "http://x/", "$A", "0x1234"]}""")]
    [InlineData("""{"result": [101, "\ud800", "$A", "$S"]}""")]
    [InlineData("""{"result": [99, "http://x/", "$A", "$S"]}""")]
    [InlineData("""{"result": [18446744073709551615, "http://x/", "$A", "$S"]}""")]
    public void Answer_Malformed_IsCountedAndSaidOnceWithoutTheSecret(string json)
    {
        string body = json.Replace("$A", "0x2222222222222222222222222222222222222222", StringComparison.Ordinal)
            .Replace("$S", "0x" + new string('5', 64), StringComparison.Ordinal);
        Ask(0, Answer(100, A));
        string? line = Ask(0, body);
        Assert.NotNull(line);
        Assert.DoesNotContain("555", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.Null(Ask(0, body));
        Ask(0, Answer(103, B));
        Assert.Equal(2, _plan.Refused);
        Assert.Equal(2, _plan.Known);
        Assert.Equal(Second, _plan.DueNs);
    }

    [Fact]
    public void Answer_CurrentBlockThatCannotBe_EndsTheRound()
    {
        Round(0, 100, A, B, A, B);
        Assert.NotNull(Ask(Second, Answer(1UL << 60, C)));
        Assert.Equal(4, _plan.Known);
        Assert.True(_plan.DueNs > Second);
    }

    [Fact]
    public void Answer_AnotherLeader_ReplacesWhatIsAheadOnly()
    {
        Round(0, 100, A, B, A, B);
        Round(Second, 101, C, C, C, C);
        Assert.Equal([A, C, C, C, C], Leaders(Take(), 100, 5));
        Assert.Equal(3, _plan.Changes);
        // A server that lags behind tells nothing new about the past.
        Round(2 * Second, 100, D, C, C, C);
        Assert.Equal([A], Leaders(Take(orNull: true) ?? Latest!, 100, 1));
    }

    [Fact]
    public void Known_AfterManyBlocks_IsBounded()
    {
        for (int i = 0; i < 3000; i++)
        {
            Round(i * Second, (ulong)(1000 + i), A, B, A, B);
        }

        Assert.InRange(_plan.Known, 4, (int)RegistryPlan.BehindMax + 5);
    }

    private TableSchedule? Latest { get; set; }

    private TableSchedule Take(bool orNull = false)
    {
        bool taken = _plan.TryTakeSchedule(out TableSchedule schedule);
        Assert.True(taken || orNull);
        Latest = taken ? schedule : Latest;
        return schedule;
    }

    private void Round(long nowNs, ulong current, params Address[] leaders)
    {
        for (int i = 0; i < leaders.Length; i++)
        {
            Assert.True(_plan.TryNext(nowNs, out RegistryQuery query));
            Assert.Equal((uint)i, query.BlocksAhead);
            Assert.Null(_plan.OnAnswer(Bytes(Answer(current + (ulong)i, leaders[i])), nowNs));
        }
    }

    private string? Ask(long nowNs, string body)
    {
        Assert.True(_plan.TryNext(nowNs, out _));
        return _plan.OnAnswer(Bytes(body), nowNs);
    }

    private static string Answer(ulong block, Address leader) =>
        $$"""{"id":1,"result":[{{block}},"http://localhost:1/","{{leader}}","0x{{new string('5', 64)}}"]}""";

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
