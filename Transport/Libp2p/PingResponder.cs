using System.Buffers;
using System.Text;

namespace Fragcast.Transport.Libp2p;

/// <summary>
/// Our side of a stream that a libp2p node opens: agrees on a protocol by multistream-select 1.0 and then, for the ping
/// protocol, sends everything back. One stream, one thread; the peer's bytes cannot make it hold more than a line.
/// </summary>
/// <remarks>
/// Messages of multistream-select are an unsigned LEB128 length and a line of text that ends with a newline. States:
/// header (their "/multistream/1.0.0", answered by ours) -> protocol (each proposal answered by "na" or by itself)
/// -> ping.
/// </remarks>
internal sealed class PingResponder
{
    /// <summary>The application protocol (ALPN) of libp2p over QUIC.</summary>
    public const string ApplicationProtocol = "libp2p";

    private const int LineMax = 255;
    private const int ProposalsMax = 16;

    private static readonly byte[] Header = Line("/multistream/1.0.0");
    private static readonly byte[] Ping = Line("/ipfs/ping/1.0.0");
    private static readonly byte[] NotAvailable = Line("na");

    private readonly byte[] _message = new byte[2 + LineMax];
    private int _have;
    private int _proposals;
    private bool _isGreeted;

    /// <summary>Whether the peer has agreed to ping.</summary>
    public bool IsPinging { get; private set; }

    /// <summary>Takes bytes of the peer and appends the answer.</summary>
    /// <returns>False when the peer breaks the protocol; the stream is then to be reset.</returns>
    public bool Take(ReadOnlySpan<byte> data, ArrayBufferWriter<byte> answer)
    {
        while (!data.IsEmpty)
        {
            if (IsPinging)
            {
                answer.Write(data);
                return true;
            }

            _message[_have++] = data[0];
            data = data[1..];
            if (!TryParse(out int length, out int head))
                return false;
            if (length < 0 || _have < head + length)
                continue;
            bool isFine = Answer(_message.AsSpan(0, _have), answer);
            _have = 0;
            if (!isFine)
                return false;
        }

        return true;
    }

    // The length of the line as far as it is there, -1 before; false if it is longer than any we know.
    private bool TryParse(out int length, out int head)
    {
        const int More = 0x80;
        head = (_message[0] & More) == 0 ? 1 : 2;
        length = _have < head ? -1 : (_message[0] & 0x7F) | (head == 2 ? _message[1] << 7 : 0);
        return length is -1 or (> 0 and <= LineMax);
    }

    private bool Answer(ReadOnlySpan<byte> message, ArrayBufferWriter<byte> answer)
    {
        if (!_isGreeted)
        {
            _isGreeted = true;
            answer.Write(Header);
            return message.SequenceEqual(Header);
        }

        IsPinging = message.SequenceEqual(Ping);
        answer.Write(IsPinging ? Ping : NotAvailable);
        return ++_proposals <= ProposalsMax;
    }

    private static byte[] Line(string text) => [(byte)(text.Length + 1), .. Encoding.ASCII.GetBytes(text), (byte)'\n'];
}
