using Fragcast.Primitives.Ssz;

namespace Fragcast.Primitives.Tests.Ssz;

public class SszOffsetsTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("04000000", 1)]
    [InlineData("04000000AABB", 1)]
    [InlineData("0800000008000000", 2)]
    [InlineData("0800000009000000AABB", 2)]
    public void TryValidate_GoodTable_GivesTheCount(string hex, int expected)
    {
        Assert.Equal(SszListError.None, SszOffsets.TryValidate(Convert.FromHexString(hex), 8, 8, out var count));
        Assert.Equal(expected, count);
    }

    [Theory]
    [InlineData("00", (int)SszListError.BadOffset, "shorter than an offset")]
    [InlineData("00000000", (int)SszListError.BadOffset, "first offset zero")]
    [InlineData("05000000AABB", (int)SszListError.BadOffset, "first offset not a multiple of four")]
    [InlineData("08000000", (int)SszListError.BadOffset, "first offset past the end")]
    [InlineData("0800000007000000", (int)SszListError.BadOffset, "second offset before the first")]
    [InlineData("0800000009000000", (int)SszListError.BadOffset, "second offset past the end")]
    [InlineData("08000000FFFFFFFF", (int)SszListError.TooLong, "second offset huge")]
    [InlineData("FCFFFFFF", (int)SszListError.BadOffset, "first offset huge")]
    [InlineData("04000000010203040506070809", (int)SszListError.TooLong, "last element too long")]
    [InlineData("0800000011000000010203040506070809", (int)SszListError.TooLong, "first element too long")]
    public void TryValidate_BadTable_SaysWhatIsWrong(string hex, int expected, string why)
    {
        var error = SszOffsets.TryValidate(Convert.FromHexString(hex), 8, 8, out var count);

        Assert.True((SszListError)expected == error, $"{why}: {error}");
        Assert.Equal(0, count);
    }

    [Fact]
    public void TryValidate_MoreElementsThanTheLimit_IsTooLong()
    {
        var list = new byte[9 * 4];
        for (var i = 0; i < 9; i++)
        {
            list[i * 4] = 9 * 4;
        }

        Assert.Equal(SszListError.TooLong, SszOffsets.TryValidate(list, 8, 8, out _));
        Assert.Equal(SszListError.None, SszOffsets.TryValidate(list, 9, 8, out _));
    }

    [Fact]
    public void Range_EachElement_GivesItsBytes()
    {
        var list = Convert.FromHexString("0C0000000E0000000E000000AABBCC");
        Assert.Equal(SszListError.None, SszOffsets.TryValidate(list, 8, 8, out var count));

        Assert.Equal((12, 14), SszOffsets.Range(list, count, 0));
        Assert.Equal((14, 14), SszOffsets.Range(list, count, 1));
        Assert.Equal((14, 15), SszOffsets.Range(list, count, 2));
    }
}
