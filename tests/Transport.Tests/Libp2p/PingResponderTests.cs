using System.Buffers;
using System.Text;
using Fragcast.Transport.Libp2p;

namespace Fragcast.Transport.Tests.Libp2p;

public sealed class PingResponderTests
{
    private readonly PingResponder _responder = new();
    private readonly ArrayBufferWriter<byte> _answer = new();

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void Take_HeaderAndPing_AgreesAndEchoes(int step)
    {
        byte[] payload = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] input = [.. Line("/multistream/1.0.0"), .. Line("/ipfs/ping/1.0.0"), .. payload];
        foreach (byte[] piece in input.Chunk(step))
            Assert.True(_responder.Take(piece, _answer));

        Assert.True(_responder.IsPinging);
        Assert.Equal(input, _answer.WrittenSpan.ToArray());
    }

    [Fact]
    public void Take_UnknownProtocol_IsNotAvailableAndAnotherMayFollow()
    {
        Assert.True(_responder.Take(
            [.. Line("/multistream/1.0.0"), .. Line("/ipfs/id/1.0.0"), .. Line("/ipfs/ping/1.0.0")], _answer));

        Assert.Equal(
            [.. Line("/multistream/1.0.0"), .. Line("na"), .. Line("/ipfs/ping/1.0.0")],
            _answer.WrittenSpan.ToArray());
    }

    [Fact]
    public void Take_LineOfTwoLengthBytes_IsRead()
    {
        string text = "/" + new string('x', 199);
        Assert.True(_responder.Take(
            [.. Line("/multistream/1.0.0"), 201 & 0x7F | 0x80, 1, .. Encoding.ASCII.GetBytes(text), (byte)'\n'],
            _answer));
        Assert.Equal([.. Line("/multistream/1.0.0"), .. Line("na")], _answer.WrittenSpan.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 0xFF, 0x7F })]
    [InlineData(new byte[] { 2, (byte)'x', (byte)'\n' })]
    public void Take_OtherHeader_IsRefused(byte[] input) => Assert.False(_responder.Take(input, _answer));

    [Fact]
    public void Take_EndlessProposals_AreRefused()
    {
        Assert.True(_responder.Take(Line("/multistream/1.0.0"), _answer));
        int taken = 0;
        while (_responder.Take(Line("/other"), _answer))
            Assert.True(++taken < 100);
    }

    [Fact]
    public void Take_RandomBytes_NeverThrows()
    {
        Random random = new(5);
        byte[] input = new byte[40];
        for (int i = 0; i < 5000; i++)
        {
            random.NextBytes(input);
            PingResponder responder = new();
            _answer.ResetWrittenCount();
            if ((i & 1) == 0)
                Assert.True(responder.Take(Line("/multistream/1.0.0"), _answer));
            _ = responder.Take(input, _answer);
            Assert.True(_answer.WrittenCount < 1000);
        }
    }

    private static byte[] Line(string text) =>
        [(byte)(text.Length + 1), .. Encoding.ASCII.GetBytes(text), (byte)'\n'];
}
