using System.Buffers.Binary;
using Fragcast.Gossip.Wire;
using Fragcast.Transport;

namespace Fragcast.Gossip.Peers;

/// <summary>The peers that are connected and greeted, by number. I/O thread only.</summary>
internal sealed class PeerLinks(ITransportEndpoint endpoint)
{
    private readonly Dictionary<int, PeerLink> _byNumber = [];
    private byte[] _framed = new byte[MessageBuffers.SmallBytes];

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<PeerLink> All => _byNumber.Values;

    /// <summary>The link to a peer, or null.</summary>
    public PeerLink? Find(int peer) => _byNumber.GetValueOrDefault(peer);

    /// <summary>A peer has greeted; a link to it that was there before is not used any more.</summary>
    public void Add(PeerLink link) => _byNumber[link.Peer] = link;

    /// <summary>A link is gone; false if there is another to the same peer.</summary>
    public bool Remove(PeerLink link) => Find(link.Peer) == link && _byNumber.Remove(link.Peer);

    /// <summary>Sends a frame on a peer's stream, all or nothing.</summary>
    /// <param name="peer">Its number.</param>
    /// <param name="frame">The frame without its length prefix.</param>
    public bool TrySend(int peer, ReadOnlySpan<byte> frame)
    {
        if (Find(peer) is not { } link)
        {
            return false;
        }

        int length = GreetingLayout.LengthPrefix + frame.Length;
        if (_framed.Length < length)
        {
            // Up to the longest listing, 64 KiB.
            _framed = new byte[Math.Max(length, _framed.Length * 2)];
        }

        BinaryPrimitives.WriteInt32LittleEndian(_framed, frame.Length);
        frame.CopyTo(_framed.AsSpan(GreetingLayout.LengthPrefix));
        return endpoint.TryWriteStream(link.Stream, _framed.AsSpan(0, length), EgressClass.Control)
            == SendResult.Accepted;
    }
}
