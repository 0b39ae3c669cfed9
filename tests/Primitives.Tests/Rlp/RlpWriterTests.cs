using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Tests.Rlp;

public sealed class RlpWriterTests
{
    [Fact]
    public void EndList_NestedLongLists_ReadsBack()
    {
        RlpWriter writer = new(16);
        writer.StartList();
        writer.Write(300UL);
        writer.StartList();
        for (ulong i = 0; i < 200; i++) writer.Write(i);
        writer.EndList();
        writer.Write(Address.Zero);
        writer.EndList();
        byte[] encoded = writer.ToArray();
        writer.Dispose();

        RlpReader reader = new(encoded);
        Assert.True(reader.TryReadList(out RlpReader outer));
        Assert.True(reader.TryFinish());
        Assert.True(outer.TryReadUInt64(out ulong first));
        Assert.Equal(300UL, first);
        Assert.True(outer.TryReadList(out RlpReader inner));
        for (ulong i = 0; i < 200; i++)
        {
            Assert.True(inner.TryReadUInt64(out ulong value));
            Assert.Equal(i, value);
        }

        Assert.True(inner.IsAtEnd);
        Assert.True(outer.TryReadOptionalAddress(out Address? address));
        Assert.Equal(Address.Zero, address);
        Assert.True(outer.TryFinish());
    }
}
