using System.Numerics;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>A connection that has ended and whose packets may still be on their way.</summary>
/// <param name="packet">The CONNECTION_CLOSE packet to repeat; empty after the peer's close.</param>
/// <param name="remote">Where to.</param>
/// <param name="cids">The ids that lead here.</param>
internal sealed class ClosedConnection(byte[] packet, SocketAddressNative remote, CidKey[] cids) : IExpiring
{
    private readonly SocketAddressNative _remote = remote;
    private int _received;

    public ulong ExpiryNs { get; set; }

    public int HeapIndex { get; set; } = -1;

    public CidKey[] Cids => cids;

    public ReadOnlySpan<byte> Packet => packet;

    public ref readonly SocketAddressNative Remote => ref _remote;

    /// <summary>
    /// Whether a packet that has arrived is to be answered by the close once more: the 1st, 2nd, 4th, 8th, and so on,
    /// so that two closed sides do not keep each other busy.
    /// </summary>
    public bool ShouldRepeat() => packet.Length > 0 && BitOperations.IsPow2(++_received);
}

/// <summary>
/// The closing and draining connections (RFC 9000, section 10.2), without the library: each keeps its ids and the one
/// packet to repeat for three probe time-outs, then it is forgotten. One thread.
/// </summary>
internal sealed class ClosedConnections(CidTable cids)
{
    // About 300 bytes each. Beyond, the one that would go first goes at once: its peer then runs into our stateless
    // resets or its own idle time-out.
    private const int Max = 4096;

    private readonly ExpiryHeap<ClosedConnection> _expiries = new();
    private int _count;

    /// <summary>When the next is to be forgotten.</summary>
    public ulong NextNs => _expiries.NextNs;

    public void Add(ClosedConnection closed, ulong untilNs)
    {
        if (_count == Max)
        {
            Forget(_expiries.First!);
        }

        foreach (CidKey cid in closed.Cids)
        {
            cids.Set(cid, closed);
        }

        _expiries.Set(closed, untilNs);
        _count++;
    }

    /// <summary>Forgets those whose time has come.</summary>
    public void Expire(ulong nowNs)
    {
        while (_expiries.NextNs <= nowNs)
        {
            Forget(_expiries.First!);
        }
    }

    private void Forget(ClosedConnection closed)
    {
        _expiries.Remove(closed);
        _count--;
        foreach (CidKey cid in closed.Cids)
        {
            cids.Remove(cid, closed);
        }
    }
}
