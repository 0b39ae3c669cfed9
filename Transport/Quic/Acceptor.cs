using System.Security.Cryptography;
using Fragcast.Transport.Quic.Native;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>
/// What happens to packets of nobody: new connections within the limits, Retry where addresses must be proven first,
/// version negotiation, stateless resets. Keeps no state for peers that have proven nothing. I/O thread.
/// </summary>
internal sealed unsafe class Acceptor(EndpointLoop loop, ConnectionOpener opener)
{
    // A client packet that opens a connection fills this much at least (RFC 9000, section 14.1): no answer is larger.
    private const int MinInitial = 1200;

    // How long a client may take to come back with its Retry token.
    private const ulong RetryLifetimeNs = 10_000_000_000;

    // First byte of the helper library's Retry tokens.
    private const byte RetryTokenMagic = 0xB6;

    // Answers that carry no state, per interval: enough for peers that were restarted, useless for reflection.
    private const int RepliesPerInterval = 1000;
    private const ulong ReplyIntervalNs = 1_000_000_000;

    // A Retry costs some ten microseconds of cryptography: a flood of Initials gets five per cent of a core. A newcomer
    // that is not answered tries again.
    private const int RetriesPerSecond = 5000;
    private const int RetriesAtOnce = 256;

    // Unproven newcomers per second, in thresholds: an Initial of noise fails at once, so that it never counts as a
    // handshake in progress, and yet costs a connection and a TLS session made and freed.
    private const int ThresholdsPerSecond = 2;

    private readonly Dictionary<UInt128, int> _perHost = [];
    private RateLimit _retryRate = new(RetriesPerSecond, RetriesAtOnce);
    private RateLimit _unprovenRate = new(
        ThresholdsPerSecond * Math.Max(1, loop.Shared.Options.RetryThreshold),
        Math.Max(1, loop.Shared.Options.RetryThreshold));

    private int _replies;
    private ulong _replyIntervalNs;

    /// <summary>Accepted handshakes that are not done yet.</summary>
    public int Handshakes { get; set; }

    /// <summary>Handles an Initial for an unknown id.</summary>
    public void Accept(in DatagramReceiver.Packet packet, ulong now)
    {
        NativePacketHeader header;
        if (packet.Length < MinInitial || loop.Library.Accept(&header, packet.Data, packet.Length) != 0)
        {
            loop.Counters.Add(TransportCounter.PacketsUnrecognised);
            return;
        }

        NativeAddress remote = new() { Address = packet.Source, Length = (uint)packet.Source->Length };
        NativeCid original = header.DestinationCid;
        bool isProven = false;
        if (header.TokenLength > 0)
        {
            isProven = loop.Library.VerifyRetryToken(
                out NativeCid fromToken, header, loop.Shared.RetrySecret, remote, RetryLifetimeNs, now) == 0;
            if (isProven)
            {
                original = fromToken;
            }
            else if (header.Token[0] == RetryTokenMagic)
            {
                loop.Counters.Add(TransportCounter.RetryTokensInvalid);
                return;
            }
        }

        if (!isProven && (Handshakes >= loop.Shared.Options.RetryThreshold || !_unprovenRate.TryTake(now)))
        {
            if (_retryRate.TryTake(now))
            {
                SendRetry(packet, header, remote, now);
            }
            else
            {
                loop.Counters.Add(TransportCounter.HandshakesRefusedByLimit);
            }

            return;
        }

        Open(packet, header, original, now);
    }

    /// <summary>Answers a packet of a version that we do not speak.</summary>
    public void NegotiateVersion(in DatagramReceiver.Packet packet, in NativeVersionCid ids, ulong now)
    {
        if (packet.Length < MinInitial || !MayReply(now))
        {
            loop.Counters.Add(TransportCounter.PacketsUnrecognised);
            return;
        }

        byte random = 0;
        RandomNumberGenerator.Fill(new Span<byte>(ref random));
        byte* destination = loop.Sender.Slot();
        nint length = loop.Library.WriteVersionNegotiation(
            destination, UdpPort.MaxPayload, random, ids, NativeConnection.Version);
        if (length > 0)
        {
            loop.Sender.Commit((int)length, *packet.Source);
            loop.Counters.Add(TransportCounter.VersionNegotiationsSent);
        }
    }

    /// <summary>Tells the sender of a packet for an unknown id that there is nothing (any more) behind it.</summary>
    public void SendStatelessReset(in DatagramReceiver.Packet packet, in NativeVersionCid ids, ulong now)
    {
        // Smaller than what it answers, so that two sides without memory do not answer each other for ever.
        const int RandomMax = 32;
        const int Margin = 1;
        loop.Counters.Add(TransportCounter.PacketsUnrecognised);
        int randomLength = Math.Min(RandomMax, packet.Length - Margin - ResetTokens.Length);
        if (randomLength < ResetTokens.MinPacket - ResetTokens.Length || !MayReply(now))
        {
            return;
        }

        byte* token = stackalloc byte[ResetTokens.Length];
        byte* random = stackalloc byte[RandomMax];
        RandomNumberGenerator.Fill(new Span<byte>(random, RandomMax));
        var cid = NativeCid.From(new ReadOnlySpan<byte>(ids.DestinationCid, (int)ids.DestinationCidLength));
        if (loop.Library.StatelessResetToken(token, loop.Shared.ResetSecret, cid) != 0)
        {
            return;
        }

        byte* destination = loop.Sender.Slot();
        nint length = loop.Library.WriteStatelessReset(destination, UdpPort.MaxPayload, token, random, randomLength);
        if (length > 0)
        {
            loop.Sender.Commit((int)length, *packet.Source);
            loop.Counters.Add(TransportCounter.StatelessResetsSent);
        }
    }

    /// <summary>Gives back what an accepted connection had of the limits.</summary>
    public void NoteEnd(QuicConnection connection)
    {
        if (!connection.IsReported)
        {
            Handshakes--;
        }

        UInt128 host = connection.Remote.ToHostKey();
        int count = _perHost[host] - 1;
        if (count == 0)
        {
            _perHost.Remove(host);
        }
        else
        {
            _perHost[host] = count;
        }
    }

    private void Open(
        in DatagramReceiver.Packet packet, in NativePacketHeader header, in NativeCid original, ulong now)
    {
        TransportOptions options = loop.Shared.Options;
        UInt128 host = packet.Source->ToHostKey();
        int fromHost = _perHost.GetValueOrDefault(host);
        QuicConnection connection = new(loop, *packet.Source, isDialled: false, expected: null);
        if (Handshakes >= options.MaxHandshakes || fromHost >= options.MaxConnectionsPerAddress ||
            !loop.Connections.TryAdd(connection))
        {
            loop.Counters.Add(TransportCounter.HandshakesRefusedByLimit);
            return;
        }

        Handshakes++;
        _perHost[host] = fromHost + 1;
        loop.Counters.Add(TransportCounter.HandshakesAccepted);
        if (!opener.TryAccept(connection, header, original, now))
        {
            connection.Fail(loop.Errors.DropConnection, now);
            return;
        }

        connection.Read(packet, now);
    }

    private void SendRetry(
        in DatagramReceiver.Packet packet, in NativePacketHeader header, in NativeAddress remote, ulong now)
    {
        byte* token = stackalloc byte[NgtcpLibrary.RetryTokenCapacity];
        NativeCid source = ConnectionOpener.NewCid(ConnectionOpener.CidLength);
        nint tokenLength = loop.Library.GenerateRetryToken(
            token, loop.Shared.RetrySecret, header.Version, remote, source, header.DestinationCid, now);
        if (tokenLength <= 0)
        {
            return;
        }

        byte* destination = loop.Sender.Slot();
        nint length = loop.Library.WriteRetry(destination, UdpPort.MaxPayload, header, source, token, tokenLength);
        if (length > 0)
        {
            loop.Sender.Commit((int)length, *packet.Source);
            loop.Counters.Add(TransportCounter.RetriesSent);
        }
    }

    private bool MayReply(ulong now)
    {
        if (now - _replyIntervalNs >= ReplyIntervalNs)
        {
            _replyIntervalNs = now;
            _replies = 0;
        }

        return _replies++ < RepliesPerInterval;
    }
}
