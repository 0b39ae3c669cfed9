using System.Diagnostics;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Quic.Native;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>
/// One connection: the library's part of it, what waits to be sent, and what other threads may know of it. Everything
/// belongs to the I/O thread except the members under "any thread".
/// </summary>
/// <remarks>
/// <para>Handshaking -> completed (keys agreed; the dialling side does not know yet whether it was accepted)</para>
/// <para>completed -> reported (the handler knows it; the accepting side goes there at once)</para>
/// <para>any -> closed (the library's part is gone; see <see cref="ClosedConnections"/> for what is left)</para>
/// </remarks>
internal sealed unsafe class QuicConnection : ISlotItem, IExpiring
{
    private readonly EndpointLoop _loop;
    private readonly PeerId? _expected;
    private readonly List<CidKey> _cids = [];
    private readonly List<byte[]> _resetTokens = [];
    private readonly PathPublisher _path = new();
    private DisconnectReason? _cause;
    private bool _isClosed;
    private bool _isReported;
    private int _held;
    private int _localStreams;
    private int _maxDatagram;
    private long _peerDatagramFrame;

    public QuicConnection(EndpointLoop loop, in SocketAddressNative remote, bool isDialled, PeerId? expected)
    {
        _loop = loop;
        _expected = expected;
        Remote = remote;
        IsDialled = isDialled;
        Native = new NativeConnection(loop.Library);
        Egress = new ConnectionEgress(this, loop);
        Streams = new ConnectionStreams(this, loop);
    }

    public ulong Handle { get; set; }

    public ulong ExpiryNs { get; set; }

    public int HeapIndex { get; set; } = -1;

    /// <summary>Where the peer was when the connection began.</summary>
    public SocketAddressNative Remote { get; }

    public bool IsDialled { get; }

    /// <summary>The identity that the peer has proven; none before.</summary>
    public PeerId Peer { get; private set; }

    public NativeConnection Native { get; }

    public ConnectionEgress Egress { get; }

    public ConnectionStreams Streams { get; }

    /// <summary>Whether it stands in the list of connections to be flushed.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Whether the library may have something to send besides the application's data.</summary>
    public bool NeedsPacket { get; set; } = true;

    /// <summary>Whether the library may have several packets to send besides: probes, after a deadline.</summary>
    public bool IsProbing { get; set; }

    /// <summary>Whether the handshake has agreed on keys.</summary>
    public bool IsCompleted { get; private set; }

    /// <summary>Whether a libp2p node is at the other end, of which the handler does not hear.</summary>
    public bool IsLibp2p { get; private set; }

    /// <summary>Whether the peer takes no DATAGRAM frames, so that streams carry datagrams to it.</summary>
    public bool IsCarried => IsCompleted && _peerDatagramFrame == 0;

    public long PacketsReceived { get; set; }

    public long BytesReceived { get; set; }

    public long DatagramsLost { get; private set; }

    /// <summary>The largest packet that the path takes, as of the last flush.</summary>
    public int PathPayload { get; private set; }

    // Any thread.

    public ConnectionId Id => new(Handle);

    /// <summary>Whether the handler knows the connection and data may be sent.</summary>
    public bool IsReported => Volatile.Read(ref _isReported);

    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Largest datagram that the path and the peer take now.</summary>
    public int MaxDatagram => Volatile.Read(ref _maxDatagram);

    public PathStatistics Path =>
        _path.Read() with { QueuedBytes = Egress.QueuedBytes, MaxDatagramBytes = MaxDatagram };

    /// <summary>Reserves bytes of the bound on what all streams together hold; false if they do not fit.</summary>
    public bool TryHold(int bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= _loop.Shared.Options.ConnectionSendBufferBytes)
        {
            return true;
        }

        Interlocked.Add(ref _held, -bytes);
        return false;
    }

    /// <summary>Whether so many bytes would fit the bound; a moment's view.</summary>
    public bool HasRoomFor(int bytes) =>
        Volatile.Read(ref _held) + bytes <= _loop.Shared.Options.ConnectionSendBufferBytes;

    public void Unhold(int bytes) => Interlocked.Add(ref _held, -bytes);

    /// <summary>Reserves one of the streams that this side may open.</summary>
    public bool TryReserveLocalStream()
    {
        if (Interlocked.Increment(ref _localStreams) <= _loop.Shared.Options.MaxStreams)
        {
            return true;
        }

        Interlocked.Decrement(ref _localStreams);
        return false;
    }

    public void ReleaseLocalStream() => Interlocked.Decrement(ref _localStreams);

    // I/O thread, not within callbacks.

    /// <summary>Gives a packet to the library.</summary>
    public void Read(in DatagramReceiver.Packet packet, ulong now)
    {
        NativePath path = _loop.PathFrom(packet.Source);
        PacketsReceived++;
        BytesReceived += packet.Length;
        int result = Native.Read(&path, packet, now);
        if (result < 0)
        {
            Fail(result, now);
            return;
        }

        RequestPacket();
    }

    /// <summary>Lets the library act on a deadline that has come.</summary>
    public void Expire(ulong now)
    {
        int result = Native.HandleExpiry(now);
        if (result < 0)
        {
            Fail(result, now);
            return;
        }

        IsProbing = true;
        RequestPacket();
    }

    /// <summary>Has the library asked for what it wants to send, at the end of this round.</summary>
    public void RequestPacket()
    {
        NeedsPacket = true;
        _loop.MarkDirty(this);
    }

    /// <summary>Ends the connection because the library returned an error.</summary>
    public void Fail(int error, ulong now)
    {
        if (!IsClosed)
        {
            ConnectionEnd.AfterError(this, _loop, error, now);
        }
    }

    /// <summary>Why the connection is ending, if a callback knew before the library returned its error.</summary>
    public DisconnectReason? Cause => _cause;

    public void NoteCause(DisconnectKind kind, ulong code = 0) => _cause ??= new DisconnectReason(kind, code);

    /// <summary>Frees everything.</summary>
    /// <returns>The ids for which packets may still arrive.</returns>
    public CidKey[] Release()
    {
        Volatile.Write(ref _isClosed, true);
        Native.Delete();
        Streams.CloseAll();
        Egress.Clear();
        foreach (byte[] token in _resetTokens)
        {
            _loop.ResetTokens.Remove(token, this);
        }

        foreach (CidKey cid in _cids)
        {
            _loop.Cids.Remove(cid, this);
        }

        return [.. _cids];
    }

    /// <summary>Makes the newest state of the path known.</summary>
    public void Publish(in PathStatistics statistics) => _path.Publish(statistics);

    /// <summary>Computes anew how large a datagram may be.</summary>
    public void RefreshMaxDatagram()
    {
        // 1 + id + 4 of short header, 16 of AEAD tag; the DATAGRAM frame has a type and a length of up to 2 bytes.
        const int FrameHead = 3;
        int packetHead = 1 + Native.DestinationCidLength + 4 + 16;
        PathPayload = Native.PathPayload;
        int path = PathPayload - packetHead - FrameHead;
        long peer = IsCarried ? TransportLimits.MaxDatagramBytes : _peerDatagramFrame - FrameHead;
        path = IsCarried ? TransportLimits.MaxDatagramBytes : path;
        Volatile.Write(ref _maxDatagram, (int)Math.Max(0, Math.Min(path, peer)));
    }

    public void AddCid(ReadOnlySpan<byte> cid)
    {
        CidKey key = new(cid);
        _cids.Add(key);
        _loop.Cids.Set(key, this);
    }

    // Within callbacks.

    public bool IsPeersStream(long number) => number >= 0 && (number & 1) == (IsDialled ? 1 : 0);

    /// <summary>Checks the peer's certificate in the middle of the handshake.</summary>
    public bool AcceptsCertificate(ReadOnlySpan<byte> first, int count)
    {
        CertificateError error;
        PeerId peer = default;
        if (count != 1)
        {
            error = count == 0 ? CertificateError.Missing : CertificateError.Chain;
        }
        else
        {
            error = PeerCertificate.Verify(first, _loop.Shared.Options.Time.GetUtcNow(), out peer);
        }

        if (error != CertificateError.None)
        {
            NoteCause(DisconnectKind.BadCertificate, (ulong)error);
            return false;
        }

        if (_expected is { } expected && expected != peer)
        {
            NoteCause(DisconnectKind.WrongPeer);
            return false;
        }

        Peer = peer;
        return true;
    }

    public bool OnHandshakeCompleted()
    {
        IsLibp2p = _loop.Shared.Tls.HasLibp2p(Native.Session);
        if (Peer.IsNone || (!IsLibp2p && !_loop.Shared.Tls.HasProtocol(Native.Session)))
        {
            NoteCause(Peer.IsNone ? DisconnectKind.BadCertificate : DisconnectKind.NoCommonProtocol);
            return false;
        }

        IsCompleted = true;
        _peerDatagramFrame = (long)Math.Min(Native.PeerDatagramFrame, int.MaxValue);
        if (_loop.KeepAliveNs > 0)
        {
            Native.SetKeepAlive(_loop.KeepAliveNs);
        }

        if (IsCarried && !IsLibp2p)
        {
            Egress.UseCarriers();
        }

        return IsDialled || EnsureReported();
    }

    public bool OnHandshakeConfirmed() => EnsureReported();

    /// <summary>Tells the handler of the connection unless it knows already.</summary>
    public bool EnsureReported()
    {
        if (_isReported)
        {
            return true;
        }

        Debug.Assert(IsCompleted, "Nobody has proven an identity before the handshake is complete.");
        RefreshMaxDatagram();
        Egress.Publish();
        Volatile.Write(ref _isReported, true);
        _loop.NoteConnected(this);
        if (IsLibp2p)
        {
            _loop.NoteLibp2p(Peer);
            return true;
        }

        return _loop.Handler.OnConnected(Id, Peer, Remote.ToEndPoint(), IsDialled);
    }

    public bool OnDatagram(ReadOnlySpan<byte> payload)
    {
        if (IsLibp2p || !EnsureReported())
        {
            return false;
        }

        if (payload.Length > _loop.Shared.ReceivePool.SlotSize ||
            !_loop.Shared.ReceivePool.TryRent(out BufferLease lease))
        {
            _loop.Counters.Add(TransportCounter.DatagramsInDropped);
            return true;
        }

        _loop.Counters.Add(TransportCounter.DatagramsIn);
        BufferLease datagram = lease.Slice(0, payload.Length);
        payload.CopyTo(datagram.Span);
        return _loop.Handler.OnDatagram(Id, datagram);
    }

    public void NoteDatagramLost() => DatagramsLost++;

    public void NoteStatelessReset() => NoteCause(DisconnectKind.StatelessReset);

    /// <summary>Makes an id by which the peer may address us, and the token that resets it.</summary>
    public bool OnNewCid(NativeCid* cid, byte* token, int length)
    {
        *cid = ConnectionOpener.NewCid(length);
        if (_loop.Library.StatelessResetToken(token, _loop.Shared.ResetSecret, *cid) != 0)
        {
            return false;
        }

        AddCid(cid->Bytes);
        return true;
    }

    public void OnRemoveCid(CidKey cid)
    {
        _cids.Remove(cid);
        _loop.Cids.Remove(cid, this);
    }

    public void OnResetToken(ReadOnlySpan<byte> token, bool isActive)
    {
        if (isActive)
        {
            _resetTokens.Add(token.ToArray());
            _loop.ResetTokens.Add(token, this);
            return;
        }

        _loop.ResetTokens.Remove(token, this);
        for (int i = 0; i < _resetTokens.Count; i++)
        {
            if (token.SequenceEqual(_resetTokens[i]))
            {
                _resetTokens.RemoveAt(i);
                return;
            }
        }
    }
}
