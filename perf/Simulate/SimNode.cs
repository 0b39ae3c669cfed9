using System.Runtime.InteropServices;

namespace Fragcast.Perf.Simulate;

/// <summary>What the network knows about a node: one cache line.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SimNode
{
    /// <summary>
    /// Bits that stand for less than a nanosecond a byte in <see cref="UpCost"/> and <see cref="DownCost"/>.
    /// </summary>
    public const int CostBits = 8;

    /// <summary>The state of its random numbers.</summary>
    public ulong Random;

    /// <summary>When the uplink has sent what it has begun.</summary>
    public long UpFreeNs;

    /// <summary>When the downlink has taken all that has arrived at it.</summary>
    public long DownFreeNs;

    /// <summary>When its processor is done with what it took last: the node's own time is never before that.</summary>
    public long BusyNs;

    /// <summary>Bytes sent, those that get lost included.</summary>
    public long BytesOut;

    /// <summary>Bytes taken by the downlink.</summary>
    public long BytesIn;

    /// <summary>Time to send a byte, in 1/256 ns.</summary>
    public int UpCost;

    /// <summary>Time to take a byte, in 1/256 ns.</summary>
    public int DownCost;

    /// <summary>Messages sent.</summary>
    public uint Sent;

    /// <summary>Its region.</summary>
    public byte Region;

    /// <summary>What it is.</summary>
    public NodeFlags Flags;

    /// <summary>Whether it is there.</summary>
    public readonly bool IsUp => !Is(NodeFlags.Dead | NodeFlags.Away);

    /// <summary>Whether it is any of these.</summary>
    public readonly bool Is(NodeFlags flags) => (Flags & flags) != NodeFlags.None;

    /// <summary>A speed as time for a byte, in 1/256 ns.</summary>
    public static int CostOf(int mbps) => (int)((8000L << CostBits) / mbps);
}

/// <summary>What a node is.</summary>
[Flags]
internal enum NodeFlags : byte
{
    /// <summary>An ordinary follower.</summary>
    None = 0,

    /// <summary>It leads at times.</summary>
    Leader = 1,

    /// <summary>It crashed.</summary>
    Dead = 2,

    /// <summary>It left and will come back.</summary>
    Away = 4,

    /// <summary>It has a tenth of everything.</summary>
    Slow = 8,

    /// <summary>It does what <see cref="SimConfig.Misdeed"/> says.</summary>
    Byzantine = 16,

    /// <summary>It is one of those that come and go.</summary>
    Churns = 32,
}
