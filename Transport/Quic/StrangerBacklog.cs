using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>
/// Copies of arrived packets that belong to no established connection, first in first out: handshakes, and whatever
/// anybody sends. They are handled a few at a time, between the packets of established connections. I/O thread.
/// </summary>
internal sealed unsafe class StrangerBacklog
{
    // 256 packets are 64 handshakes' worth and 5 ms of a flood of 50,000 a second. 384 KiB, touched as used.
    private const int Slots = 256;

    private readonly PinnedArray<byte> _bytes = new(Slots * UdpPort.MaxPayload);
    private readonly PinnedArray<SocketAddressNative> _sources = new(Slots);
    private readonly int[] _lengths = new int[Slots];
    private readonly byte[] _marks = new byte[Slots];
    private int _first;
    private int _count;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Copies a packet; false if there is no room, or it is larger than what is sent to us.</summary>
    public bool TryAdd(in DatagramReceiver.Packet packet)
    {
        if (_count == Slots || packet.Length > UdpPort.MaxPayload)
        {
            return false;
        }

        int slot = (_first + _count++) % Slots;
        new ReadOnlySpan<byte>(packet.Data, packet.Length).CopyTo(_bytes.Span[(slot * UdpPort.MaxPayload)..]);
        _sources[slot] = *packet.Source;
        _lengths[slot] = packet.Length;
        _marks[slot] = packet.Mark;
        return true;
    }

    /// <summary>Takes the oldest, which stays where it is until the next is added; false if there is none.</summary>
    public bool TryTake(out DatagramReceiver.Packet packet)
    {
        if (_count == 0)
        {
            packet = default;
            return false;
        }

        packet = new DatagramReceiver.Packet(
            _bytes.Pointer + (_first * UdpPort.MaxPayload), _lengths[_first], _sources.Pointer + _first,
            _marks[_first]);
        _first = (_first + 1) % Slots;
        _count--;
        return true;
    }
}
