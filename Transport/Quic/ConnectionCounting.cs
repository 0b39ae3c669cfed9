namespace Fragcast.Transport.Quic;

/// <summary>Which totals the end of a connection belongs to.</summary>
internal static class ConnectionCounting
{
    /// <summary>Counts the end of a connection, or the failure of its handshake.</summary>
    public static void NoteEnd(TransportCounters counters, bool isReported, DisconnectReason reason)
    {
        if (reason.Kind == DisconnectKind.IdleTimeout)
        {
            counters.Add(TransportCounter.IdleTimeouts);
        }

        if (isReported)
        {
            counters.Add(TransportCounter.Disconnected);
            return;
        }

        counters.Add(TransportCounter.HandshakesFailed);
        TransportCounter? counter = reason.Kind switch
        {
            DisconnectKind.HandshakeTimeout => TransportCounter.HandshakeTimeouts,
            DisconnectKind.NoCommonProtocol => TransportCounter.HandshakeWrongProtocol,
            DisconnectKind.BadCertificate => TransportCounter.HandshakeBadCertificate,
            DisconnectKind.WrongPeer => TransportCounter.HandshakeWrongPeer,
            DisconnectKind.TlsAlert => TransportCounter.HandshakeTlsAlert,
            _ => null,
        };
        if (counter is { } known)
        {
            counters.Add(known);
        }
    }
}
