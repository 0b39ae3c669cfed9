using System.Security.Cryptography;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Tests.Ssz;

public class MerkleizerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    public void Finish_EveryCountOfNodes_EqualsTheNaiveRoot(int depth)
    {
        var nodes = new List<byte[]>();
        for (var count = 0; count <= 1 << depth; count++)
        {
            var root = new byte[32];
            var tree = new Merkleizer(depth, new byte[Merkleizer.ScratchLength(depth)]);
            foreach (var node in nodes)
            {
                tree.Add(node);
            }

            tree.Finish(root);
            Assert.Equal(NaiveSsz.Merkleize(nodes, depth), root);
            nodes.Add(SHA256.HashData(BitConverter.GetBytes(count)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    public void Finish_NodesThatAreSubtrees_UseDeeperZeroSubtrees(int pairs)
    {
        var chunks = Enumerable.Range(0, pairs * 2).Select(i => SHA256.HashData(BitConverter.GetBytes(i))).ToList();
        Span<byte> root = stackalloc byte[32];
        var tree = new Merkleizer(6, new byte[Merkleizer.ScratchLength(6)], nodeDepth: 1);
        for (var i = 0; i < pairs; i++)
        {
            tree.AddPair([.. chunks[2 * i], .. chunks[(2 * i) + 1]]);
        }

        tree.Finish(root);

        Assert.Equal(NaiveSsz.Merkleize(chunks, 7), root.ToArray());
    }
}
