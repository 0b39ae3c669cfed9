using Fragcast.Gossip.Wire;
using Fragcast.Primitives;

namespace Fragcast.Gossip.Tests.Wire;

public sealed class ControlFramesTests
{
    private const ulong Network = 0x1122334455667788;

    [Fact]
    public void Greeting_OfTheSameNetwork_IsAccepted() =>
        Assert.Equal(Refusal.None, ControlFrames.ReadGreeting(Greeting(), Network));

    [Fact]
    public void Greeting_OfAnotherNetwork_IsRefused() =>
        Assert.Equal(Refusal.WrongNetwork, ControlFrames.ReadGreeting(Greeting(), Network + 1));

    [Fact]
    public void Greeting_OfAnotherVersion_IsRefused()
    {
        byte[] frame = Greeting();
        frame[GreetingLayout.VersionOffset]++;
        Assert.Equal(Refusal.UnknownVersion, ControlFrames.ReadGreeting(frame, Network));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(GreetingLayout.MagicOffset)]
    public void Greeting_WithWrongMarks_IsRefused(int offset)
    {
        byte[] frame = Greeting();
        frame[offset]++;
        Assert.Equal(Refusal.BadGreeting, ControlFrames.ReadGreeting(frame, Network));
    }

    [Fact]
    public void Greeting_OfAnyWrongLength_IsRefused()
    {
        byte[] frame = Greeting();
        for (int length = 0; length < frame.Length; length++)
        {
            Assert.Equal(Refusal.BadGreeting, ControlFrames.ReadGreeting(frame.AsSpan(0, length), Network));
        }

        Assert.Equal(Refusal.BadGreeting, ControlFrames.ReadGreeting([.. frame, 0], Network));
    }

    [Fact]
    public void Head_WrittenAndRead_IsTheSame()
    {
        Span<byte> frame = stackalloc byte[ControlFrames.FramedLength];
        ControlFrames.WriteHead(frame, new HeadNotice(7, 26207962));
        Assert.True(ControlFrames.TryReadHead(frame[GreetingLayout.LengthPrefix..], out HeadNotice head));
        Assert.Equal(new HeadNotice(7, 26207962), head);
        Assert.False(ControlFrames.TryReadHead(Greeting(), out _));
    }

    [Theory]
    [InlineData(0u, 5ul, 0u, 5ul, true)]
    [InlineData(0u, 6ul, 0u, 5ul, true)]
    [InlineData(0u, 4ul, 0u, 5ul, false)]
    [InlineData(1u, 0ul, 0u, 5ul, true)]
    [InlineData(0u, 9ul, 1u, 5ul, false)]
    public void HasReached_ComparesEpochThenNumber(
        uint epoch, ulong number, uint thanEpoch, ulong than, bool expected) =>
        Assert.Equal(expected, new HeadNotice(epoch, number).HasReached(new HeadNotice(thanEpoch, than)));

    [Fact]
    public void NetworkId_DependsOnChainAndAnchor()
    {
        Hash256 anchor = Keccak256.Hash([1]);
        Assert.Equal(NetworkId.Of(10, anchor), NetworkId.Of(10, anchor));
        Assert.NotEqual(NetworkId.Of(10, anchor), NetworkId.Of(11, anchor));
        Assert.NotEqual(NetworkId.Of(10, anchor), NetworkId.Of(10, Keccak256.Hash([2])));
    }

    private static byte[] Greeting()
    {
        var frame = new byte[ControlFrames.FramedLength];
        ControlFrames.WriteGreeting(frame, Network);
        return frame[GreetingLayout.LengthPrefix..];
    }

    [Fact]
    public void BlockRequest_WrittenAndRead_IsTheSame()
    {
        var frame = new byte[ControlFrames.FramedLength];
        var request = new BlockRequest(3, 0x0123456789ABCDEF, 16);
        ControlFrames.WriteBlockRequest(frame, request);
        Assert.Equal(
            [16, 0, 0, 0, 0xF7, 0, 16, 0, 3, 0, 0, 0, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01], frame);
        Assert.True(ControlFrames.TryReadBlockRequest(frame.AsSpan(4), out BlockRequest read));
        Assert.Equal(request, read);
        Assert.False(ControlFrames.TryReadHead(frame.AsSpan(4), out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void BlockRequest_OfNoneOrTooMany_IsRefused(ushort count)
    {
        var frame = new byte[ControlFrames.FramedLength];
        ControlFrames.WriteBlockRequest(frame, new BlockRequest(0, 1, count));
        Assert.False(ControlFrames.TryReadBlockRequest(frame.AsSpan(4), out _));
        Assert.False(ControlFrames.TryReadBlockRequest(frame.AsSpan(4, 15), out _));
    }

    [Fact]
    public void Covers_BlocksAroundARequest_TakesThoseInIt()
    {
        var request = new BlockRequest(1, ulong.MaxValue - 1, 2);
        Assert.True(request.Covers(1, ulong.MaxValue - 1));
        Assert.True(request.Covers(1, ulong.MaxValue));
        Assert.False(request.Covers(1, ulong.MaxValue - 2));
        Assert.False(request.Covers(0, ulong.MaxValue));
    }
}
