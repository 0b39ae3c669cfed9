using System.Text;
using Fragcast.Primitives;
using Fragcast.Schedule.Sources;
using static Fragcast.Schedule.Tests.TestLeaders;

namespace Fragcast.Schedule.Tests.Sources;

public sealed class ScheduleJsonTests
{
    private const string TwoSequencers =
        "[\"0x1111111111111111111111111111111111111111\", \"0x2222222222222222222222222222222222222222\"]";

    [Fact]
    public void Parse_EachSource_GivesItsSchedule()
    {
        Assert.Equal([A, A, B], Leaders(Parse(
            $$"""{"source": "round-robin", "firstBlock": 3, "blocksPerTurn": 2, "sequencers": {{TwoSequencers}}}"""),
            3, 3));
        Assert.Equal([A, A, B], Leaders(Parse(
            $$"""
            {"source": "time", "genesisTimeMs": 1700000000000, "blockTimeMs": 2000, "slotMs": 4000,
             "sequencers": {{TwoSequencers}}}
            """), 0, 3));
        Assert.Equal([C, B, C], Leaders(Parse(
            """
            {"source": "weighted", "turnsPerEpoch": 32, "stakes": [
              {"address": "0x3333333333333333333333333333333333333333", "stake": 5},
              {"address": "0x1111111111111111111111111111111111111111", "stake": 1},
              {"address": "0x2222222222222222222222222222222222222222", "stake": 2}],
             "seed": "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}
            """), 0, 3));
        ILeaderSchedule table = Parse(
            """
            {"source": "table", "leaders": [
              {"from": 7, "to": 8, "address": "0x2222222222222222222222222222222222222222"}]}
            """);
        Assert.Equal([B, B], Leaders(table, 7, 2));
        Assert.Equal(LeaderLookup.NotYetKnown, table.LeaderOf(9, out _));
    }

    [Fact]
    public void Parse_SeedsByEpoch_LeavesOtherEpochsOpen()
    {
        ILeaderSchedule schedule = Parse(
            """
            {"source": "weighted", "turnsPerEpoch": 2,
             "stakes": [{"address": "0x1111111111111111111111111111111111111111", "stake": 1}],
             "seeds": {"0": "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}}
            """);
        Assert.Equal([A, A], Leaders(schedule, 0, 2));
        Assert.Equal(LeaderLookup.NotYetKnown, schedule.LeaderOf(2, out Address _));
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{}", "'source'")]
    [InlineData("""{"source": 5}""", "'source'")]
    [InlineData("""{"source": "dice"}""", "'dice'")]
    [InlineData("""{"source": "round-robin"}""", "'sequencers'")]
    [InlineData("""{"source": "round-robin", "sequencers": []}""", "no sequencer")]
    [InlineData("""{"source": "round-robin", "sequencers": ["0x12"]}""", "20 bytes")]
    [InlineData("""{"source": "round-robin", "sequencers": [5]}""", "20 bytes")]
    [InlineData("""{"source": "table", "leaders": [], "leader": []}""", "'leader'")]
    [InlineData("""{"source": "table", "leaders": [5]}""", "'leaders'")]
    [InlineData("""{"source": "table", "leaders": [{"from": -1, "to": 2, "address": "0x"}]}""", "'from'")]
    [InlineData("""{"source": "table", "source": "table"}""", "twice")]
    [InlineData("""{"source": "weighted", "stakes": [], "seed": "0x12", "turnsPerEpoch": 1}""", "32 bytes")]
    [InlineData("""{"source": "weighted", "stakes": [], "seeds": {"x": "0x"}, "turnsPerEpoch": 1}""", "'x'")]
    [InlineData("""{"source": "time", "genesisTimeMs": 18446744073709551615}""", "'sequencers'")]
    public void Parse_Wrong_SaysWhatInOneLine(string json, string mentions)
    {
        string message = Assert.Throws<ScheduleException>(() => Parse(json)).Message;
        Assert.Contains(mentions, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Parse_TooLong_IsRefused() => Assert.Throws<ScheduleException>(
        () => ScheduleJson.Parse(new byte[ScheduleJson.LengthMax + 1]));

    [Fact]
    public void Parse_AnyMutation_GivesAScheduleOrAScheduleException()
    {
        byte[] good = Encoding.UTF8.GetBytes(
            $$"""{"source": "round-robin", "firstBlock": 3, "blocksPerTurn": 2, "sequencers": {{TwoSequencers}}}""");
        var random = new Random(7);
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = (byte[])good.Clone();
            for (int i = 0; i < 3; i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                Assert.NotNull(ScheduleJson.Parse(bytes));
            }
            catch (ScheduleException error)
            {
                Assert.NotEmpty(error.Message);
            }
        }
    }

    private static ILeaderSchedule Parse(string json) => ScheduleJson.Parse(Encoding.UTF8.GetBytes(json));
}
