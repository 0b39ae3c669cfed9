using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Tests.Rlp;

public sealed class RlpReaderTests
{
    [Theory]
    [InlineData("", RlpError.UnexpectedEnd)]
    [InlineData("81", RlpError.UnexpectedEnd)]
    [InlineData("8261", RlpError.UnexpectedEnd)]
    [InlineData("b8", RlpError.UnexpectedEnd)]
    [InlineData("b90100", RlpError.UnexpectedEnd)]
    [InlineData("bb7fffffff", RlpError.UnexpectedEnd)]
    [InlineData("bb80000000", RlpError.UnexpectedEnd)]
    [InlineData("bbffffffff", RlpError.UnexpectedEnd)]
    [InlineData("bfffffffffffffffff", RlpError.UnexpectedEnd)]
    [InlineData("bf7fffffffffffffff", RlpError.UnexpectedEnd)]
    [InlineData("bf8000000000000000", RlpError.UnexpectedEnd)]
    [InlineData("8100", RlpError.NonCanonicalLength)]
    [InlineData("817f", RlpError.NonCanonicalLength)]
    [InlineData("b80180", RlpError.NonCanonicalLength)]
    [InlineData("b837", RlpError.NonCanonicalLength)]
    [InlineData("b90038", RlpError.NonCanonicalLength)]
    [InlineData("c0", RlpError.ExpectedString)]
    [InlineData("f90038", RlpError.NonCanonicalLength)]
    [InlineData("c1", RlpError.UnexpectedEnd)]
    public void TryReadBytes_BadItem_GivesReason(string hex, RlpError reason)
    {
        RlpReader reader = new(Hex.Decode(hex));
        Assert.False(reader.TryReadBytes(out ReadOnlySpan<byte> payload));
        Assert.True(payload.IsEmpty);
        Assert.Equal(reason, reader.Error);
        Assert.False(reader.IsAtEnd);
        Assert.False(reader.IsNextList);
        Assert.False(reader.TrySkip());
        Assert.False(reader.TryReadList(out _));
        Assert.False(reader.TryFinish());
        Assert.Equal(reason, reader.Error);
    }

    [Theory]
    [InlineData("80", 0)]
    [InlineData("00", 0, RlpError.NonCanonicalInteger)]
    [InlineData("01", 1)]
    [InlineData("7f", 0x7F)]
    [InlineData("8180", 0x80)]
    [InlineData("820400", 0x400)]
    [InlineData("820004", 0, RlpError.NonCanonicalInteger)]
    [InlineData("88ffffffffffffffff", ulong.MaxValue)]
    [InlineData("89010000000000000000", 0, RlpError.IntegerTooLarge)]
    [InlineData("89000000000000000001", 0, RlpError.NonCanonicalInteger)]
    [InlineData("c0", 0, RlpError.ExpectedString)]
    public void TryReadUInt64_Item_IsValueOrReason(string hex, ulong value, RlpError reason = RlpError.None)
    {
        RlpReader reader = new(Hex.Decode(hex));
        Assert.Equal(reason == RlpError.None, reader.TryReadUInt64(out ulong read));
        Assert.Equal(value, read);
        Assert.Equal(reason, reader.Error);
    }

    [Fact]
    public void TryReadUInt256_EdgeValues_RoundTrips()
    {
        foreach (UInt256 value in UInt256Samples.Edges)
        {
            RlpWriter writer = new(40);
            writer.Write(value);
            Assert.Equal(RlpLength.Of(value), writer.Length);
            RlpReader reader = new(writer.Written);
            Assert.True(reader.TryReadUInt256(out UInt256 read));
            Assert.Equal(value, read);
            Assert.True(reader.IsAtEnd);
            writer.Dispose();
        }

        RlpReader wide = new(Hex.Decode("a101" + new string('0', 64)));
        Assert.False(wide.TryReadUInt256(out UInt256 none));
        Assert.True(none.IsZero);
        Assert.Equal(RlpError.IntegerTooLarge, wide.Error);
        RlpReader padded = new(Hex.Decode("a000" + new string('1', 62)));
        Assert.False(padded.TryReadUInt256(out _));
        Assert.Equal(RlpError.NonCanonicalInteger, padded.Error);
    }

    [Fact]
    public void FixedSizes_OtherSize_IsWrongSize()
    {
        for (int size = 0; size <= 40; size++)
        {
            byte[] item = RlpTree.Of(new byte[size]).Encode();
            RlpReader hash = new(item);
            Assert.Equal(size == 32, hash.TryReadHash256(out _));
            Assert.Equal(size == 32 ? RlpError.None : RlpError.WrongSize, hash.Error);
            RlpReader address = new(item);
            Assert.Equal(size == 20, address.TryReadAddress(out _));
            Assert.Equal(size == 20 ? RlpError.None : RlpError.WrongSize, address.Error);
            RlpReader optional = new(item);
            Assert.Equal(size is 0 or 20, optional.TryReadOptionalAddress(out Address? to));
            Assert.Equal(size == 20, to is not null);
            Assert.Equal(size is 0 or 20 ? RlpError.None : RlpError.WrongSize, optional.Error);
        }
    }

    [Fact]
    public void TryReadList_String_IsExpectedList()
    {
        RlpReader reader = new([0x80]);
        Assert.False(reader.TryReadList(out _));
        Assert.Equal(RlpError.ExpectedList, reader.Error);
    }

    [Fact]
    public void TryReadList_InnerItemBeyondItsList_IsUnexpectedEnd()
    {
        // The inner string claims three bytes; its list has two, though the input goes on.
        RlpReader reader = new([0xC3, 0x83, 0x01, 0x02, 0x03]);
        Assert.True(reader.TryReadList(out RlpReader items));
        Assert.False(items.TryReadBytes(out _));
        Assert.Equal(RlpError.UnexpectedEnd, items.Error);
        Assert.Equal(RlpError.None, reader.Error);
        Assert.True(reader.TryReadUInt64(out ulong next));
        Assert.Equal(3UL, next);
    }

    [Fact]
    public void Position_InNestedLists_IsOffsetInTheWholeInput()
    {
        byte[] data = RlpTree.Of(
            RlpTree.Of([1]), RlpTree.Of(RlpTree.Of("dog"u8.ToArray()), RlpTree.Of(new byte[60]))).Encode();
        RlpReader reader = new(data);
        Assert.True(reader.TryReadList(out RlpReader outer));
        Assert.Equal(data.Length, reader.Position);
        Assert.True(outer.TrySkip());
        Assert.Equal(3, outer.Position);
        Assert.True(outer.IsNextList);
        Assert.True(outer.TryReadList(out RlpReader inner));
        Assert.True(inner.TryReadBytes(out _));
        Assert.Equal("dog", System.Text.Encoding.ASCII.GetString(data, inner.Position - 3, 3));
        Assert.Equal(62, inner.Remaining);
        Assert.True(inner.TryReadItem(out ReadOnlySpan<byte> item));
        Assert.Equal(62, item.Length);
        Assert.Equal(data.Length, inner.Position);
    }

    [Fact]
    public void TryCountItems_List_CountsWithoutMoving()
    {
        RlpReader reader = new([0x01, 0xC2, 0x01, 0x02, 0x80]);
        Assert.True(reader.TryCountItems(out int count));
        Assert.Equal((3, 0), (count, reader.Position));
        RlpReader broken = new([0x01, 0xC2, 0x01]);
        Assert.False(broken.TryCountItems(out _));
        Assert.Equal(RlpError.None, broken.Error);
        RlpReader empty = new([]);
        Assert.True(empty.TryCountItems(out count));
        Assert.Equal(0, count);
    }

    [Fact]
    public void TryFinish_ItemsLeft_IsTrailingData()
    {
        RlpReader reader = new([0x01, 0x02]);
        Assert.True(reader.TrySkip());
        Assert.False(reader.TryFinish());
        Assert.Equal(RlpError.TrailingData, reader.Error);
    }
}
