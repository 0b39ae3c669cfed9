namespace Fragcast.Transport.Udp;

/// <summary>
/// Takes arrived UDP datagrams from the kernel without waiting. What it returns lies in its own buffers until the
/// next <see cref="Receive"/>. One thread.
/// </summary>
internal sealed unsafe class DatagramReceiver
{
    // With GRO the kernel joins up to 64 datagrams of one sender into one buffer of up to 64 KiB.
    private const int JoinedBytes = 65536;
    private const int JoinedBatch = 16;
    private const int JoinedMax = 64;

    private const int SingleBytes = 2048;
    private const int SingleBatch = 64;

    // Room for two control messages with a number each, padded to 8 bytes.
    private const int ControlBytes = 2 * 24;

    // The congestion mark in the byte that IPv4 and IPv6 have it in (RFC 3168).
    private const int MarkMask = 3;

    private readonly int _handle;
    private readonly UdpMode _mode;
    private readonly int _batch;
    private readonly int _bufferBytes;
    private readonly PinnedArray<byte> _buffers;
    private readonly PinnedArray<SocketAddressNative> _sources;
    private readonly PinnedArray<Libc.Message> _messages;
    private readonly PinnedArray<Libc.IoVector> _vectors;
    private readonly PinnedArray<byte> _controls;
    private readonly bool _hasControls;
    private readonly Packet[] _packets;
    private int _touched;

    public DatagramReceiver(UdpPort port)
    {
        _handle = port.Handle;
        _mode = port.Mode;
        (_batch, _bufferBytes) = _mode switch
        {
            UdpMode.Offload => (JoinedBatch, JoinedBytes),
            UdpMode.Batched => (SingleBatch, SingleBytes),
            _ => (1, SingleBytes),
        };
        _buffers = new PinnedArray<byte>(_batch * _bufferBytes);
        _sources = new PinnedArray<SocketAddressNative>(_batch);
        _messages = new PinnedArray<Libc.Message>(_batch);
        _vectors = new PinnedArray<Libc.IoVector>(_batch);
        _controls = new PinnedArray<byte>(_batch * ControlBytes);
        _hasControls = _mode == UdpMode.Offload || port.CanMark;
        _packets = new Packet[_batch * (_mode == UdpMode.Offload ? JoinedMax : 1)];
        for (int i = 0; i < _batch; i++)
        {
            _vectors[i] = new Libc.IoVector { Base = Buffer(i), Length = (nuint)_bufferBytes };
            _messages[i] = new Libc.Message
            {
                Name = _sources.Pointer + i, Vectors = _vectors.Pointer + i, VectorCount = 1,
                Control = _hasControls ? _controls.Pointer + (i * ControlBytes) : null,
            };
        }

        _touched = _batch;
    }

    /// <summary>Whether the last <see cref="Receive"/> has left nothing: it got less than it could take.</summary>
    public bool IsDrained { get; private set; }

    /// <summary>System calls made.</summary>
    public long Calls { get; private set; }

    /// <summary>Takes what is there; the result is empty if nothing is.</summary>
    public ReadOnlySpan<Packet> Receive()
    {
        Calls++;
        return _mode == UdpMode.Plain ? ReceiveOne() : ReceiveBatch();
    }

    private ReadOnlySpan<Packet> ReceiveOne()
    {
        uint addressLength = SocketAddressNative.Capacity;
        nint length = Libc.ReceiveFrom(
            _handle, Buffer(0), (nuint)_bufferBytes, Libc.MessageDontWait, _sources.Pointer, &addressLength);
        IsDrained = length <= 0;
        if (IsDrained)
        {
            return default;
        }

        _sources[0].Length = (int)addressLength;
        _packets[0] = new Packet(Buffer(0), (int)length, _sources.Pointer);
        return _packets.AsSpan(0, 1);
    }

    private ReadOnlySpan<Packet> ReceiveBatch()
    {
        for (int i = 0; i < _touched; i++)
        {
            // The kernel has overwritten both with what it delivered the last time.
            _messages[i].NameLength = SocketAddressNative.Capacity;
            _messages[i].ControlLength = _hasControls ? (nuint)ControlBytes : 0;
        }

        int count = Libc.ReceiveMessages(_handle, _messages.Pointer, (uint)_batch, Libc.MessageDontWait, null);
        IsDrained = count < _batch;
        _touched = Math.Max(count, 0);
        int packets = 0;
        for (int i = 0; i < count; i++)
        {
            ref Libc.Message message = ref _messages[i];
            _sources[i].Length = (int)message.NameLength;
            int rest = (int)message.Length;
            int size = rest;
            byte mark = 0;
            if (_hasControls)
            {
                ReadControls(i, ref size, ref mark);
            }

            for (byte* at = Buffer(i); rest > 0 && packets < _packets.Length; at += size, rest -= size)
            {
                _packets[packets++] = new Packet(at, Math.Min(size, rest), _sources.Pointer + i, mark);
            }
        }

        return _packets.AsSpan(0, packets);
    }

    // Without a size the datagram came alone, without a mark the kernel does not tell it.
    private void ReadControls(int index, ref int size, ref byte mark)
    {
        byte* at = _controls.Pointer + (index * ControlBytes);
        nuint left = Math.Min(_messages[index].ControlLength, ControlBytes);
        while (left > (nuint)sizeof(Libc.ControlHead))
        {
            var head = (Libc.ControlHead*)at;
            byte* value = at + sizeof(Libc.ControlHead);
            if (head->Length <= (nuint)sizeof(Libc.ControlHead) || head->Length > left)
            {
                return;
            }

            switch ((head->Level, head->Type))
            {
                case (Libc.LevelUdp, Libc.UdpGro) when *(int*)value > 0:
                    size = *(int*)value;
                    break;
                case (Libc.LevelIp, Libc.IpTos):
                case (Libc.LevelIpv6, Libc.Ipv6TrafficClass):
                    mark = (byte)(*value & MarkMask);
                    break;
            }

            nuint step = Math.Min((head->Length + 7) & ~(nuint)7, left);
            at += step;
            left -= step;
        }
    }

    private byte* Buffer(int index) => _buffers.Pointer + ((nint)index * _bufferBytes);

    /// <summary>One UDP datagram.</summary>
    /// <param name="data">Its payload.</param>
    /// <param name="length">Bytes of it.</param>
    /// <param name="source">Who sent it.</param>
    /// <param name="mark">Its congestion mark; 0 also where the kernel does not tell it.</param>
    internal readonly struct Packet(byte* data, int length, SocketAddressNative* source, byte mark = 0)
    {
        /// <summary>The mark of a packet that met congestion.</summary>
        public const byte CongestionMark = 3;

        public readonly byte* Data = data;
        public readonly int Length = length;
        public readonly SocketAddressNative* Source = source;
        public readonly byte Mark = mark;
    }
}
