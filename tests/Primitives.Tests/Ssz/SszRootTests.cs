using System.Security.Cryptography;
using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Tests.Ssz;

public class SszRootTests
{
    public static TheoryData<int, int> Lengths()
    {
        var data = new TheoryData<int, int>();
        foreach (var length in new[] { 0, 1, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129, 160, 1000, 4095, 4096 })
        {
            data.Add(length, 25);
            if (length <= 256)
            {
                data.Add(length, 3);
            }

            if (length <= 32)
            {
                data.Add(length, 0);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void ByteList_AnyLength_EqualsTheNaiveRoot(int length, int limitDepth)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var root = new byte[32];

        SszRoot.ByteList(bytes, limitDepth, root);

        Assert.Equal(NaiveSsz.ByteList(bytes, limitDepth), root);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(10)]
    public void Container_AnyNumberOfFields_EqualsTheNaiveRoot(int fields)
    {
        var roots = Enumerable.Range(0, fields).Select(i => SHA256.HashData(BitConverter.GetBytes(i))).ToList();
        var depth = fields switch { 1 => 0, 4 => 2, 5 => 3, _ => 4 };
        var root = new byte[32];

        SszRoot.Container(roots.SelectMany(r => r).ToArray(), root);

        Assert.Equal(NaiveSsz.Merkleize(roots, depth), root);
    }
}
