using System.Security.Cryptography;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Chunks.Proofs;

namespace Fragcast.Gossip.Tests.Chunks.Proofs;

public sealed class ChunkMerkleTests
{
    private const int Node = ChunkLayout.NodeLength;

    public static TheoryData<int> Totals => [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 64, 69, 127, 128, 129, 200, 255];

    [Theory]
    [MemberData(nameof(Totals))]
    public void Build_AnyTotal_EqualsHashesByDefinition(int total)
    {
        byte[][] chunks = Chunks(total);
        ChunkTree tree = Tree(chunks);
        Assert.Equal(Reference(chunks, 0, 1 << ChunkLayout.Depth(total)), tree.Root.ToArray());
    }

    [Theory]
    [MemberData(nameof(Totals))]
    public void WriteBranch_EveryLeaf_LeadsToTheRoot(int total)
    {
        byte[][] chunks = Chunks(total);
        ChunkTree tree = Tree(chunks);
        var root = new byte[Node];
        for (int i = 0; i < total; i++)
        {
            byte[] branch = Branch(tree, i, total);
            ChunkMerkle.ComputeRoot(i, tree.Leaf(i), branch, root);
            Assert.Equal(tree.Root.ToArray(), root);
        }
    }

    [Theory]
    [MemberData(nameof(Totals))]
    public void Check_AnyOrder_AcceptsEveryLeaf(int total)
    {
        ChunkTree tree = Tree(Chunks(total));
        var proofs = new ChunkProofs();
        for (int seed = 0; seed < 5; seed++)
        {
            int[] order = [.. Enumerable.Range(0, total)];
            new Random(seed).Shuffle(order);
            proofs.Start(total, tree.Root);
            foreach (int i in order)
            {
                Assert.True(proofs.Check(i, tree.Leaf(i), Branch(tree, i, total)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Totals))]
    public void Check_AnyByteChanged_IsRefusedWhateverIsKnown(int total)
    {
        ChunkTree tree = Tree(Chunks(total));
        var proofs = new ChunkProofs();
        proofs.Start(total, tree.Root);
        foreach (int i in (int[])[total - 1, 0, total / 2, total / 3])
        {
            byte[] leaf = tree.Leaf(i).ToArray();
            byte[] branch = Branch(tree, i, total);
            for (int at = 0; at < branch.Length; at++)
            {
                branch[at] ^= 1;
                Assert.False(proofs.Check(i, leaf, branch));
                branch[at] ^= 1;
            }

            leaf[3] ^= 0x80;
            Assert.False(proofs.Check(i, leaf, branch));
            leaf[3] ^= 0x80;
            Assert.True(proofs.Check(i, leaf, branch));
        }
    }

    [Fact]
    public void Check_LeafOfAnotherPlace_IsRefused()
    {
        ChunkTree tree = Tree(Chunks(9));
        var proofs = new ChunkProofs();
        proofs.Start(9, tree.Root);
        Assert.True(proofs.Check(4, tree.Leaf(4), Branch(tree, 4, 9)));
        Assert.False(proofs.Check(5, tree.Leaf(4), Branch(tree, 4, 9)));
        Assert.False(proofs.Check(4, tree.Leaf(5), Branch(tree, 5, 9)));
    }

    private static byte[][] Chunks(int total) =>
        [.. Enumerable.Range(0, total).Select(i => TestChunks.Bytes(10 + (i % 3), i))];

    private static ChunkTree Tree(byte[][] chunks)
    {
        var tree = new ChunkTree();

        // What an earlier, larger tree left behind does not matter.
        tree.Start(255);
        for (int i = 0; i < 255; i++)
        {
            tree.Leaf(i).Fill(0x77);
        }

        tree.Build();
        tree.Start(chunks.Length);
        for (int i = 0; i < chunks.Length; i++)
        {
            ChunkMerkle.HashLeaf(chunks[i], tree.Leaf(i));
        }

        tree.Build();
        return tree;
    }

    private static byte[] Branch(ChunkTree tree, int index, int total)
    {
        var branch = new byte[ChunkLayout.Depth(total) * Node];
        tree.WriteBranch(index, branch);
        return branch;
    }

    private static byte[] Reference(byte[][] chunks, int first, int count)
    {
        if (first >= chunks.Length)
        {
            return new byte[Node];
        }

        byte[] message = count == 1
            ? [0, .. chunks[first]]
            : [1, .. Reference(chunks, first, count / 2), .. Reference(chunks, first + (count / 2), count / 2)];
        return SHA256.HashData(message)[..Node];
    }
}
