using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using Fragcast.Primitives;

namespace Fragcast.Schedule.Sources;

/// <summary>
/// The public seed of each epoch: derived from one seed for all time, or listed as the seeds become public. Immutable.
/// </summary>
public sealed class EpochSeeds
{
    private readonly Hash256 _root;
    private readonly FrozenDictionary<ulong, Hash256>? _listed;

    private EpochSeeds(in Hash256 root, FrozenDictionary<ulong, Hash256>? listed)
    {
        _root = root;
        _listed = listed;
    }

    /// <summary>The seed of epoch e is SHA-256("fragcast-epoch-v1" ‖ seed ‖ e as u64, little endian).</summary>
    public static EpochSeeds Derived(in Hash256 seed) => new(seed, null);

    /// <summary>Seeds that are known; the leaders of other epochs are not known yet.</summary>
    /// <exception cref="ScheduleException">There are more than <see cref="ScheduleLimits.RangesMax"/>.</exception>
    public static EpochSeeds Listed(IReadOnlyDictionary<ulong, Hash256> seeds) =>
        seeds.Count <= ScheduleLimits.RangesMax
            ? new EpochSeeds(default, seeds.ToFrozenDictionary())
            : throw new ScheduleException($"the schedule lists {seeds.Count} seeds; "
                + $"{ScheduleLimits.RangesMax} are possible");

    /// <summary>Finds the seed of an epoch.</summary>
    public bool TryGet(ulong epoch, out Hash256 seed)
    {
        if (_listed is not null)
        {
            return _listed.TryGetValue(epoch, out seed);
        }

        Span<byte> text = stackalloc byte[17 + Hash256.Size + sizeof(ulong)];
        "fragcast-epoch-v1"u8.CopyTo(text);
        _root.CopyTo(text[17..]);
        BinaryPrimitives.WriteUInt64LittleEndian(text[(17 + Hash256.Size)..], epoch);
        Span<byte> digest = stackalloc byte[Hash256.Size];
        SHA256.HashData(text, digest);
        seed = Hash256.FromBytes(digest);
        return true;
    }
}
