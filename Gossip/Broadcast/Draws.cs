using System.Runtime.CompilerServices;

namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// The draws that say which node relays what: the same on every node that has the same map. They need to be spread
/// evenly, not to be unpredictable: who leads may choose his relays anyway.
/// </summary>
public static class Draws
{
    private const double GoldenRatio = 1.6180339887498949;

    // 2^64 divided by it.
    private const ulong Golden64 = 0x9E3779B97F4A7C15;

    private const int LanesMax = 255;
    private static readonly byte[] Strides = MakeStrides();

    /// <summary>The seed of an item's draws.</summary>
    /// <param name="networkId">The network's id.</param>
    /// <param name="place">The item's place.</param>
    /// <param name="leaderKey">The first eight bytes of the leader's address, little endian.</param>
    public static ulong Seed(ulong networkId, in ItemPlace place, ulong leaderKey)
    {
        ulong seed = Mix(networkId + leaderKey);
        seed = Mix(seed ^ place.Block);
        return Mix(seed ^ (place.Sequence << 16) ^ ((ulong)place.Epoch << 48) ^ ((ulong)place.Kind << 8));
    }

    /// <summary>Draws the root of a lane within its region: the lanes of an item share out the range equally.</summary>
    public static uint Root(ulong seed, int lane, int lanes) => (uint)seed + Share(lane, lanes);

    /// <summary>
    /// Draws the head of a part of a lane within a region: all parts of all lanes of an item share it out equally.
    /// </summary>
    public static uint Head(ulong seed, int lane, int lanes, int region, int part, int parts) =>
        (uint)(Mix(seed + (ulong)region) >> 32) + (Share(lane, lanes) / (uint)parts)
        + (uint)(((ulong)part << 32) / (uint)parts);

    /// <summary>
    /// Draws which of a chunk's receivers is the first: over the lanes of an item each is early and late equally often.
    /// </summary>
    public static int First(ulong seed, int lane, int lanes, int receivers) =>
        (int)(((ulong)((uint)(seed >> 32) + Share(lane, lanes)) * (ulong)receivers) >> 32);

    /// <summary>The finaliser of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value += Golden64;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    // Where a lane stands in [0, 2^32): all lanes of an item are equally far apart, and any few in a row are spread.
    private static uint Share(int lane, int lanes) =>
        (uint)(((ulong)((uint)(lane * Strides[lanes]) % (uint)lanes) << 32) / (uint)lanes);

    private static byte[] MakeStrides()
    {
        byte[] strides = new byte[LanesMax + 1];
        for (int lanes = 1; lanes <= LanesMax; lanes++)
        {
            int stride = (int)(lanes / GoldenRatio);
            while (Gcd(stride, lanes) != 1)
            {
                stride++;
            }

            strides[lanes] = (byte)stride;
        }

        return strides;
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
