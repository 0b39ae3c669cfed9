using Fragcast.Primitives;

namespace Fragcast.Schedule.Tests;

/// <summary>Addresses and looks that several tests use.</summary>
internal static class TestLeaders
{
    public static readonly Address A = Repeat(0x11);
    public static readonly Address B = Repeat(0x22);
    public static readonly Address C = Repeat(0x33);
    public static readonly Address D = Repeat(0x44);
    public static readonly Address E = Repeat(0x55);

    public static Address Repeat(byte value)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        bytes.Fill(value);
        return Address.FromBytes(bytes);
    }

    public static Hash256 Hash(byte value)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        bytes.Fill(value);
        return Hash256.FromBytes(bytes);
    }

    public static Address[] Leaders(ILeaderSchedule schedule, ulong first, int count) =>
        [.. Enumerable.Range(0, count).Select(i =>
        {
            Assert.Equal(LeaderLookup.Known, schedule.LeaderOf(first + (ulong)i, out Address leader));
            return leader;
        })];
}
