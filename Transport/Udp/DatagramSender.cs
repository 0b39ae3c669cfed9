using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Fragcast.Transport.Udp;

/// <summary>
/// Collects UDP datagrams and passes them to the kernel together. A datagram is written in place: <see cref="Slot"/>,
/// <see cref="Commit"/>, and <see cref="Flush"/> when there is nothing more to write. One thread.
/// </summary>
internal sealed unsafe class DatagramSender
{
    private const int Batch = 64;

    // What one UDP_SEGMENT call may carry: 65,535 less 20 + 8 of IPv4 and UDP head (IPv6 allows more), and 64 pieces.
    private const int JoinedBytes = 65_507;
    private const int ArenaBytes = 65_536;
    private const long WaitForRoomNs = 1_000_000;

    private readonly UdpPort _port;
    private readonly int _handle;
    private readonly UdpMode _mode;
    private readonly PinnedArray<byte> _arena = new(ArenaBytes);
    private readonly PinnedArray<SocketAddressNative> _targets = new(Batch);
    private readonly PinnedArray<Libc.Message> _messages = new(Batch);
    private readonly PinnedArray<Libc.IoVector> _vectors = new(Batch);
    private readonly PinnedArray<Libc.SegmentControl> _controls = new(Batch);
    private readonly int[] _offsets = new int[Batch];
    private readonly int[] _lengths = new int[Batch];
    private readonly int[] _counts = new int[Batch];
    private readonly byte[] _marks = new byte[Batch];
    private byte _mark;
    private bool _canSegment;
    private int _used;
    private int _pending;

    public DatagramSender(UdpPort port)
    {
        _port = port;
        _handle = port.Handle;
        _mode = port.Mode;
        _canSegment = _mode == UdpMode.Offload;
    }

    /// <summary>System calls made.</summary>
    public long Calls { get; private set; }

    /// <summary>Datagrams that were written.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Datagrams that the kernel did not take.</summary>
    public long Refused { get; private set; }

    /// <summary>Where to write the next datagram, with room for <see cref="UdpPort.MaxPayload"/> bytes.</summary>
    public byte* Slot()
    {
        if (_pending == Batch || _used + UdpPort.MaxPayload > JoinedBytes)
        {
            Flush();
        }

        return _arena.Pointer + _used;
    }

    /// <summary>Takes what was written to <see cref="Slot"/>.</summary>
    /// <param name="length">Bytes written.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="mark">Its congestion mark; none goes out where the port cannot.</param>
    public void Commit(int length, in SocketAddressNative target, byte mark = 0)
    {
        Debug.Assert(length is > 0 and <= UdpPort.MaxPayload, "A datagram has a payload of an Ethernet frame at most.");
        _offsets[_pending] = _used;
        _lengths[_pending] = length;
        _targets[_pending] = target;
        _marks[_pending] = _port.CanMark ? mark : (byte)0;
        _pending++;
        Packets++;
        Bytes += length;
        _used += length;
    }

    /// <summary>
    /// Passes everything on. Waits a moment if the socket's buffer is full; what the kernel then still refuses is
    /// counted and forgotten: to QUIC it is a lost packet.
    /// </summary>
    public void Flush()
    {
        // The mark is the socket's: it seldom changes once paths have been found to carry it, and costs nothing then.
        for (int from = 0; from < _pending;)
        {
            int to = from + 1;
            while (to < _pending && _marks[to] == _marks[from])
            {
                to++;
            }

            SendRun(from, to);
            from = to;
        }

        _pending = 0;
        _used = 0;
    }

    private void SendRun(int from, int to)
    {
        if (_marks[from] != _mark)
        {
            _mark = _marks[from];
            _port.SetMark(_mark);
        }

        if (to - from == 1 || _mode == UdpMode.Plain)
        {
            SendSingly(from, to);
        }
        else
        {
            SendJoined(from, to);
        }
    }

    private void SendSingly(int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            Calls++;
            byte* data = _arena.Pointer + _offsets[i];
            ref SocketAddressNative target = ref _targets[i];
            while (Libc.SendTo(_handle, data, (nuint)_lengths[i], 0, _targets.Pointer + i, (uint)target.Length) < 0)
            {
                if (!WaitAfterError(Marshal.GetLastPInvokeError()))
                {
                    Refused++;
                    break;
                }
            }
        }
    }

    private void SendJoined(int from, int to)
    {
        int messages = Fill(from, to);
        int sent = 0;
        int datagram = from;
        while (sent < messages)
        {
            Calls++;
            int count = Libc.SendMessages(_handle, _messages.Pointer + sent, (uint)(messages - sent), 0);
            if (count > 0)
            {
                for (; count > 0; count--)
                {
                    datagram += _counts[sent++];
                }

                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (WaitAfterError(error))
            {
                continue;
            }

            int run = _counts[sent++];
            if (run > 1 && error is Libc.ErrorIo or Libc.ErrorInvalid)
            {
                // EIO: the device cannot do the checksums of the pieces, never. EINVAL: a piece exceeds the
                // interface's MTU, as probes of path MTU discovery may.
                _canSegment &= error != Libc.ErrorIo;
                SendSingly(datagram, datagram + run);
            }
            else
            {
                Refused += run;
            }

            datagram += run;
        }
    }

    // One message per run of datagrams to the same target that have the length of the first; the last may be shorter.
    private int Fill(int from, int to)
    {
        int messages = 0;
        for (int i = from; i < to; messages++)
        {
            int next = i + 1;
            int total = _lengths[i];
            while (_canSegment && next < to && _lengths[next - 1] == _lengths[i] &&
                   _lengths[next] <= _lengths[i] && _targets[next].Equals(_targets[i]))
            {
                total += _lengths[next++];
            }

            _vectors[messages] = new Libc.IoVector { Base = _arena.Pointer + _offsets[i], Length = (nuint)total };
            ref Libc.Message message = ref _messages[messages];
            message = new Libc.Message
            {
                Name = _targets.Pointer + i, NameLength = (uint)_targets[i].Length,
                Vectors = _vectors.Pointer + messages, VectorCount = 1,
            };
            if (next - i > 1)
            {
                _controls[messages] = new Libc.SegmentControl
                {
                    Length = Libc.SegmentControl.SendLength, Level = Libc.LevelUdp, Type = Libc.UdpSegment,
                    SendSize = (ushort)_lengths[i],
                };
                message.Control = _controls.Pointer + messages;
                message.ControlLength = (nuint)sizeof(Libc.SegmentControl);
            }

            _counts[messages] = next - i;
            i = next;
        }

        return messages;
    }

    /// <summary>True if the send should be tried again.</summary>
    private bool WaitAfterError(int error)
    {
        if (error == Libc.ErrorInterrupted)
        {
            return true;
        }

        if (error is not (Libc.ErrorAgain or Libc.ErrorNoBuffers))
        {
            return false;
        }

        Libc.PollEntry entry = new() { File = _handle, Events = Libc.PollOut };
        var timeout = Libc.TimeSpec.FromNanoseconds(WaitForRoomNs);
        return Libc.Poll(&entry, 1, &timeout, null) > 0;
    }
}
