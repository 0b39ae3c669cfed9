using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Chunks.Proofs;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Tests.Chunks;

/// <summary>A leader of the tests and the chunks of one segment of its message.</summary>
internal sealed class TestChunks : IDisposable
{
    public const ulong NetworkId = 0x1122334455667788;

    private readonly byte[] _key = new byte[32];

    private TestChunks(byte[] message, in ChunkPlan plan, in ItemPlace place, byte leader)
    {
        Message = message;
        _key.AsSpan().Fill(leader);
        Span<byte> publicKey = stackalloc byte[64];
        Assert.True(Secp256k1.TryGetPublicKey(_key, publicKey));
        Leader = Secp256k1.AddressOf(publicKey);
        using var encoder = new ChunkEncoder(NetworkId, _key, Pool);
        Shape = ChunkShape.Of(message.Length, plan);
        Segment = Shape.Segment(place.Segment);
        Leases = new BufferLease[Segment.Total];
        Assert.True(encoder.TryEncode(message, place, Shape, Leases, out ItemHeader item));
        Item = item;
    }

    public static ItemPlace Place => new(3, 77, 5, EnvelopeKind.Frag);

    public PinnedBufferPool Pool { get; } = new(300);

    public byte[] Message { get; }

    public ChunkShape Shape { get; }

    public SegmentShape Segment { get; }

    public BufferLease[] Leases { get; }

    public ItemHeader Item { get; }

    public Address Leader { get; }

    public byte[] Expected => Message.AsSpan(Segment.Start, Segment.Length).ToArray();

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static TestChunks Make(
        int length, int seed = 1, ChunkPlan? plan = null, ItemPlace? place = null, byte leader = 1) =>
        new(Bytes(length, seed), plan ?? ChunkPlan.Default, place ?? Place, leader);

    public static TestChunks Of(byte[] message, ChunkPlan plan) => new(message, plan, Place, 1);

    /// <summary>A chunk's bytes, a copy.</summary>
    public byte[] Chunk(int index) => Leases[index].Span.ToArray();

    public ChunkHead Head(int index)
    {
        Assert.Equal(Refusal.None, ChunkHead.TryRead(Leases[index].Span, out ChunkHead head));
        return head;
    }

    public ChunkSet All()
    {
        ChunkSet all = default;
        for (int i = 0; i < Item.Total; i++)
        {
            all.Add((byte)i);
        }

        return all;
    }

    /// <summary>Hashes and signs again after a test changed data: a leader that lies.</summary>
    public void Reseal()
    {
        var tree = new ChunkTree();
        tree.Start(Item.Total);
        ChunkHead head = default;
        for (int i = 0; i < Item.Total; i++)
        {
            // Only the padding may be wrong, and the fields are the same in all.
            if (ChunkHead.TryRead(Leases[i].Span, out ChunkHead read) == Refusal.None)
            {
                head = read;
            }
        }

        for (int i = 0; i < Item.Total; i++)
        {
            ChunkMerkle.HashLeaf(head.Content(Leases[i].Span), tree.Leaf(i));
        }

        tree.Build();
        Hash256 digest = ChunkSigning.Digest(NetworkId, head, tree.Root);
        for (int i = 0; i < Item.Total; i++)
        {
            Span<byte> chunk = Leases[i].Span;
            Secp256k1.Sign(digest, _key, chunk.Slice(ChunkLayout.SignatureOffset, ChunkLayout.SignatureLength));
            tree.WriteBranch(i, chunk[ChunkLayout.BranchOffset..head.DataStart]);
        }
    }

    /// <summary>Signs one chunk again after a test changed signed fields of its head.</summary>
    public void Resign(Span<byte> chunk)
    {
        Assert.Equal(Refusal.None, ChunkHead.TryRead(chunk, out ChunkHead head));
        var leaf = new byte[ChunkLayout.NodeLength];
        var root = new byte[ChunkLayout.NodeLength];
        ChunkMerkle.HashLeaf(head.Content(chunk), leaf);
        ChunkMerkle.ComputeRoot(head.Index, leaf, head.Branch(chunk), root);
        Secp256k1.Sign(
            ChunkSigning.Digest(NetworkId, head, root), _key,
            chunk.Slice(ChunkLayout.SignatureOffset, ChunkLayout.SignatureLength));
    }

    public void Dispose()
    {
        foreach (BufferLease lease in Leases)
        {
            lease.Release();
        }

        Assert.Equal(0, Pool.Outstanding);
    }
}
