using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Membership;

/// <summary>
/// What two books are compared by: digests of 256 buckets, and the hashes of the records in some of them; see
/// <see cref="MembershipFrames"/>. Reused; one thread, the book's.
/// </summary>
internal sealed class BookDigest(RecordBook book)
{
    private readonly ulong[] _buckets = new ulong[MembershipFrames.Buckets];

    /// <summary>
    /// The hashes that <see cref="CollectHashes"/> found, ascending; the caller may shorten the list.
    /// </summary>
    public List<ulong> Hashes { get; } = [];

    /// <summary>The digest of a bucket.</summary>
    public ulong this[int bucket] => _buckets[bucket];

    private static int BucketOf(NodeRecord record) => (int)(record.RingPosition >> 24);

    /// <summary>
    /// A finaliser of 64-bit hashes: without the salt nobody can choose records whose mixed hashes cancel out.
    /// </summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>Computes the digest of every bucket for a salt.</summary>
    public void Fill(ulong salt)
    {
        Array.Clear(_buckets);
        foreach (BookNode node in book.Nodes)
        {
            if (node.Record is { } record)
            {
                _buckets[BucketOf(record)] ^= Mix(record.Hash ^ salt);
            }
        }
    }

    /// <summary>Counts this node's records in each bucket.</summary>
    public void CountBuckets(Span<int> sizes)
    {
        sizes.Clear();
        foreach (BookNode node in book.Nodes)
        {
            if (node.Record is { } record)
            {
                sizes[BucketOf(record)]++;
            }
        }
    }

    /// <summary>Puts the hashes of this node's records in some buckets into <see cref="Hashes"/>.</summary>
    /// <param name="buckets">A set: bit b for bucket b.</param>
    public void CollectHashes(ReadOnlySpan<byte> buckets)
    {
        Hashes.Clear();
        foreach (BookNode node in book.Nodes)
        {
            if (node.Record is { } record && (buckets[BucketOf(record) >> 3] >> (BucketOf(record) & 7) & 1) != 0)
            {
                Hashes.Add(record.Hash);
            }
        }

        Hashes.Sort();
    }
}
