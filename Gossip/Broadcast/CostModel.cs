using System.Numerics;

namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// What relaying costs in time, from sizes, uplinks and the time of a hop. A node needs k of n chunks and its place in
/// a relay's order differs from chunk to chunk, so what counts of a relay's serialisation is a part of it, not its
/// whole.
/// </summary>
public static class CostModel
{
    /// <summary>No node sends one chunk to more others than this, whatever the model says.</summary>
    public const int FanOutMax = 200;

    // Of a relay's burst, the part that has gone out when a receiver has its k-th chunk, with n about 2 k.
    private const int BurstPercent = 50;
    private const int PartsMax = 64;

    /// <summary>Time on the wire of so many bytes, in nanoseconds.</summary>
    public static long SerialiseNs(int bytes, int uplinkMbps) => bytes * 8_000L / Math.Max(uplinkMbps, 1);

    /// <summary>Time until a median member of a part is reached by its head, beyond the hop itself.</summary>
    /// <param name="members">Members, the head included.</param>
    /// <param name="chunkNs">Serialisation of one chunk.</param>
    /// <param name="hopNs">One way within the region.</param>
    public static long CoverNs(int members, long chunkNs, long hopNs)
    {
        long direct = members > FanOutMax ? long.MaxValue : Burst(members, chunkNs);
        return Math.Min(direct, SplitNs(members, SplitOf(members), chunkNs, hopNs));
    }

    /// <summary>Sub-heads that a head uses; 0 when it serves every member itself.</summary>
    public static int SubHeads(int members, long chunkNs, long hopNs)
    {
        int parts = SplitOf(members);
        bool isDirect = members <= FanOutMax
            && Burst(members, chunkNs) <= SplitNs(members, parts, chunkNs, hopNs);
        return isDirect ? 0 : parts;
    }

    /// <summary>
    /// Heads in each region that a root uses, and whether it is better to send to every member itself (0).
    /// </summary>
    /// <param name="regions">Regions to serve.</param>
    /// <param name="members">Members of all of them together.</param>
    /// <param name="rootNs">Serialisation of one chunk at the root.</param>
    /// <param name="headNs">The same at a usual head.</param>
    /// <param name="hopNs">One way within a region.</param>
    public static int Heads(int regions, int members, long rootNs, long headNs, long hopNs)
    {
        long best = members > FanOutMax ? long.MaxValue : Burst(members, rootNs);
        int heads = 0;
        int mean = (members + regions - 1) / Math.Max(regions, 1);
        for (int h = 1; h <= 8 && h * regions <= FanOutMax; h++)
        {
            long time = Burst(regions * h, rootNs) + hopNs + CoverNs((mean + h - 1) / h, headNs, hopNs);
            if (time < best)
            {
                best = time;
                heads = h;
            }
        }

        return heads == 0 && best == long.MaxValue ? 1 : heads;
    }

    /// <summary>What a relay's burst costs the median receiver of k of n chunks.</summary>
    public static long Burst(int sends, long chunkNs) => sends * chunkNs * BurstPercent / 100;

    private static long SplitNs(int members, int parts, long chunkNs, long hopNs)
    {
        int each = (members + parts - 1) / parts;
        long rest = each > FanOutMax
            ? hopNs + (2 * Burst(SplitOf(each), chunkNs))
            : Burst(each, chunkNs);
        return Burst(parts, chunkNs) + hopNs + rest;
    }

    // Two equal fan-outs in a row are the shortest for their product.
    private static int SplitOf(int members)
    {
        int root = 1 << ((BitOperations.Log2((uint)Math.Max(members, 1)) + 1) / 2);
        return Math.Clamp(root, 2, PartsMax);
    }
}
