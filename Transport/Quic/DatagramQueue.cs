using Fragcast.Transport.Buffers;

namespace Fragcast.Transport.Quic;

/// <summary>
/// Datagrams of one class that wait for one peer, in order, bounded in bytes. Holds a lease on each. Used by the I/O
/// thread; other threads may read <see cref="Bytes"/>.
/// </summary>
internal sealed class DatagramQueue(int bytesMax)
{
    private BufferLease[] _items = [];
    private int _head;
    private int _count;
    private int _bytes;

    /// <summary>Payload bytes waiting.</summary>
    public int Bytes => Volatile.Read(ref _bytes);

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>The oldest.</summary>
    public ref readonly BufferLease First => ref _items[_head];

    /// <summary>Length of the one after it; 0 if there is none.</summary>
    public int SecondLength => _count < 2 ? 0 : _items[(_head + 1) & (_items.Length - 1)].Length;

    /// <summary>Whether a datagram of so many bytes is within the bound. An empty queue takes any.</summary>
    public bool HasRoom(int length) => _count == 0 || _bytes + length <= bytesMax;

    /// <summary>Appends; the queue becomes the holder.</summary>
    public void Add(in BufferLease datagram)
    {
        if (_count == _items.Length)
        {
            Grow();
        }

        _items[(_head + _count) & (_items.Length - 1)] = datagram;
        _count++;
        Volatile.Write(ref _bytes, _bytes + datagram.Length);
    }

    /// <summary>Releases the oldest.</summary>
    public void RemoveFirst()
    {
        BufferLease datagram = _items[_head];
        _items[_head] = default;
        _head = (_head + 1) & (_items.Length - 1);
        _count--;
        Volatile.Write(ref _bytes, _bytes - datagram.Length);
        datagram.Release();
    }

    /// <summary>Releases all, and gives their number.</summary>
    public int Clear()
    {
        int count = _count;
        while (_count > 0)
        {
            RemoveFirst();
        }

        return count;
    }

    private void Grow()
    {
        BufferLease[] larger = new BufferLease[Math.Max(16, 2 * _items.Length)];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _items[(_head + i) & (_items.Length - 1)];
        }

        _items = larger;
        _head = 0;
    }
}
