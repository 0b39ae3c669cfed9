using System.Runtime.CompilerServices;

namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// The draws that say which node relays what: the same on every node that has the same map. They need to be spread
/// evenly, not to be unpredictable: who leads may choose his relays anyway.
/// </summary>
public static class Draws
{
    // 2^32 and 2^64 divided by the golden ratio: multiples of it, modulo the power, fill the range evenly.
    private const uint Golden32 = 0x9E3779B9;
    private const ulong Golden64 = 0x9E3779B97F4A7C15;

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

    /// <summary>Draws the root of a lane within its region: lanes of an item are spread evenly.</summary>
    public static uint Root(ulong seed, int lane) => (uint)seed + ((uint)lane * Golden32);

    /// <summary>Draws the first head of a lane within a region: lanes of an item are spread evenly.</summary>
    public static uint Head(ulong seed, int lane, int region) =>
        (uint)(Mix(seed + (ulong)region) >> 32) + ((uint)lane * Golden32);

    /// <summary>
    /// Draws which of a chunk's receivers is the first: over the lanes of an item each is early and late equally often.
    /// </summary>
    public static int First(ulong seed, int lane, int receivers) =>
        (int)(((ulong)((uint)(seed >> 32) + ((uint)lane * Golden32)) * (ulong)receivers) >> 32);

    /// <summary>The finaliser of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong value)
    {
        value += Golden64;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
