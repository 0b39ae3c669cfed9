using Fragcast.Transport.Quic.Native;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>Finds out whom an arrived packet is for. I/O thread.</summary>
internal sealed unsafe class PacketRouter(EndpointLoop loop)
{
    private const byte LongHeader = 0x80;

    /// <summary>
    /// Handles nearly all packets: a short header with an id of ours right behind the first byte (RFC 9000, section
    /// 17.3), of a connection that the handler knows. False for all others, which are nobody's or a newcomer's.
    /// </summary>
    public bool TryRouteEstablished(in DatagramReceiver.Packet packet, ulong now)
    {
        if (packet.Length > ConnectionOpener.CidLength && (packet.Data[0] & LongHeader) == 0 &&
            loop.Cids.Find(new CidKey(*(ulong*)(packet.Data + 1))) is QuicConnection { IsReported: true } established)
        {
            established.Read(packet, now);
            return true;
        }

        return false;
    }

    /// <summary>Handles any packet.</summary>
    public void Route(in DatagramReceiver.Packet packet, ulong now)
    {
        NativeVersionCid ids;
        int result = loop.Library.DecodeVersionCid(&ids, packet.Data, packet.Length, ConnectionOpener.CidLength);
        if (result == loop.Errors.VersionNegotiation)
        {
            loop.Acceptor.NegotiateVersion(packet, ids, now);
            return;
        }

        if (result != 0 || ids.DestinationCidLength > CidKey.MaxLength)
        {
            loop.Counters.Add(TransportCounter.PacketsUnrecognised);
            return;
        }

        CidKey cid = new(new ReadOnlySpan<byte>(ids.DestinationCid, (int)ids.DestinationCidLength));
        switch (loop.Cids.Find(cid))
        {
            case QuicConnection { IsDialled: false, IsReported: false } newcomer
                when !newcomer.Remote.Equals(*packet.Source):
                // Nobody moves before the handshake is done (RFC 9000, section 9): a replay.
                loop.Counters.Add(TransportCounter.PacketsUnrecognised);
                break;
            case QuicConnection connection:
                connection.Read(packet, now);
                break;
            case ClosedConnection closed:
                Remind(closed);
                break;
            default:
                RouteUnknown(packet, ids, now);
                break;
        }
    }

    private void RouteUnknown(in DatagramReceiver.Packet packet, in NativeVersionCid ids, ulong now)
    {
        if ((packet.Data[0] & LongHeader) != 0)
        {
            loop.Acceptor.Accept(packet, now);
            return;
        }

        QuicConnection? reset = loop.ResetTokens.FindOwner(new ReadOnlySpan<byte>(packet.Data, packet.Length));
        if (reset is not null)
        {
            reset.Read(packet, now);
        }
        else
        {
            loop.Acceptor.SendStatelessReset(packet, ids, now);
        }
    }

    private void Remind(ClosedConnection closed)
    {
        if (closed.ShouldRepeat())
        {
            byte* destination = loop.Sender.Slot();
            closed.Packet.CopyTo(new Span<byte>(destination, UdpPort.MaxPayload));
            loop.Sender.Commit(closed.Packet.Length, closed.Remote);
        }
    }
}
