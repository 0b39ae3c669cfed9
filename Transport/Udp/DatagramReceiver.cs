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

    private readonly int _handle;
    private readonly UdpMode _mode;
    private readonly int _batch;
    private readonly int _bufferBytes;
    private readonly PinnedArray<byte> _buffers;
    private readonly PinnedArray<SocketAddressNative> _sources;
    private readonly PinnedArray<Libc.Message> _messages;
    private readonly PinnedArray<Libc.IoVector> _vectors;
    private readonly PinnedArray<Libc.SegmentControl> _controls;
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
        _controls = new PinnedArray<Libc.SegmentControl>(_batch);
        _packets = new Packet[_batch * (_mode == UdpMode.Offload ? JoinedMax : 1)];
        for (int i = 0; i < _batch; i++)
        {
            _vectors[i] = new Libc.IoVector { Base = Buffer(i), Length = (nuint)_bufferBytes };
            _messages[i] = new Libc.Message
            {
                Name = _sources.Pointer + i, Vectors = _vectors.Pointer + i, VectorCount = 1,
                Control = _mode == UdpMode.Offload ? _controls.Pointer + i : null,
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
        bool joined = _mode == UdpMode.Offload;
        for (int i = 0; i < _touched; i++)
        {
            // The kernel has overwritten both with what it delivered the last time.
            _messages[i].NameLength = SocketAddressNative.Capacity;
            _messages[i].ControlLength = joined ? (nuint)sizeof(Libc.SegmentControl) : 0;
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
            int size = joined ? SegmentSize(i, rest) : rest;
            for (byte* at = Buffer(i); rest > 0 && packets < _packets.Length; at += size, rest -= size)
            {
                _packets[packets++] = new Packet(at, Math.Min(size, rest), _sources.Pointer + i);
            }
        }

        return _packets.AsSpan(0, packets);
    }

    // Without a control message the datagram came alone.
    private int SegmentSize(int index, int length)
    {
        ref readonly Libc.SegmentControl control = ref _controls[index];
        bool present = _messages[index].ControlLength > 0 && control.Level == Libc.LevelUdp
            && control.Type == Libc.UdpGro && control.ReceiveSize > 0;
        return present ? control.ReceiveSize : length;
    }

    private byte* Buffer(int index) => _buffers.Pointer + ((nint)index * _bufferBytes);

    /// <summary>One UDP datagram.</summary>
    /// <param name="data">Its payload.</param>
    /// <param name="length">Bytes of it.</param>
    /// <param name="source">Who sent it.</param>
    internal readonly struct Packet(byte* data, int length, SocketAddressNative* source)
    {
        public readonly byte* Data = data;
        public readonly int Length = length;
        public readonly SocketAddressNative* Source = source;
    }
}
