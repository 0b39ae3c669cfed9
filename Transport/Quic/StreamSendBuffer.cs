using System.Diagnostics;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Quic;

/// <summary>
/// The bytes of a stream from the write until the peer has acknowledged them: the library does not copy them, so they
/// stay where they are. Kept in chunks of a pool; an idle stream holds none. The owner's lock guards every member.
/// </summary>
/// <remarks>
/// Positions count from the start of the stream: acknowledged &lt;= sent &lt;= written. The chunk of a position is
/// (position - start) / chunk size, where start is the position of the first byte of the first chunk.
/// </remarks>
internal sealed unsafe class StreamSendBuffer(ChunkBudget chunks)
{
    private BufferLease[] _chunks = [];
    private int _head;
    private int _count;
    private ulong _start;
    private ulong _written;
    private ulong _sent;
    private ulong _acknowledged;

    /// <summary>Bytes not yet acknowledged.</summary>
    public int Held => (int)(_written - _acknowledged);

    /// <summary>Bytes not yet given to the library.</summary>
    public int Unsent => (int)(_written - _sent);

    /// <summary>Whether there are chunks for so many bytes more; a moment's view.</summary>
    public bool HasChunksFor(int bytes) => ChunksFor(bytes) - _count <= chunks.Free;

    /// <summary>Appends everything, or nothing if there are not enough chunks.</summary>
    public bool TryWrite(ReadOnlySpan<byte> data)
    {
        if (!TryReserve(data.Length))
        {
            return false;
        }

        while (!data.IsEmpty)
        {
            int offset = Locate(_written, out BufferLease chunk);
            int length = Math.Min(data.Length, chunks.ChunkBytes - offset);
            data[..length].CopyTo(chunk.Span[offset..]);
            data = data[length..];
            _written += (ulong)length;
        }

        return true;
    }

    /// <summary>Points at the unsent bytes, as far as the vectors go; they stay valid until acknowledged.</summary>
    /// <returns>Vectors used.</returns>
    public int Gather(Span<NativeVec> vectors, out int bytes)
    {
        int used = 0;
        bytes = 0;
        for (ulong position = _sent; position < _written && used < vectors.Length; used++)
        {
            int offset = Locate(position, out BufferLease chunk);
            int length = (int)Math.Min((ulong)(chunks.ChunkBytes - offset), _written - position);
            vectors[used] = new NativeVec { Base = chunk.Pointer + offset, Length = (nuint)length };
            position += (ulong)length;
            bytes += length;
        }

        return used;
    }

    /// <summary>Notes that the library has taken so many more bytes.</summary>
    public void Advance(int bytes)
    {
        _sent += (ulong)bytes;
        Debug.Assert(_sent <= _written, "The library takes no more than it was given.");
    }

    /// <summary>Lets go of everything before a position.</summary>
    /// <returns>Bytes that were held until now.</returns>
    public int Acknowledge(ulong position)
    {
        if (position <= _acknowledged || position > _sent)
        {
            return 0;
        }

        int freed = (int)(position - _acknowledged);
        _acknowledged = position;
        while (_count > 0 && (_acknowledged - _start >= (ulong)chunks.ChunkBytes || _acknowledged == _written))
        {
            chunks.Return(_chunks[_head]);
            _chunks[_head] = default;
            _head = (_head + 1) & (_chunks.Length - 1);
            _count--;
            _start += (ulong)chunks.ChunkBytes;
        }

        if (_count == 0)
        {
            _start = _acknowledged;
        }

        return freed;
    }

    /// <summary>Lets go of everything; nothing is sent any more.</summary>
    /// <returns>Bytes that were held until now.</returns>
    public int Clear()
    {
        _sent = _written;
        return Acknowledge(_written);
    }

    private int Locate(ulong position, out BufferLease chunk)
    {
        (ulong index, ulong offset) = Math.DivRem(position - _start, (ulong)chunks.ChunkBytes);
        chunk = _chunks[(_head + (int)index) & (_chunks.Length - 1)];
        return (int)offset;
    }

    private bool TryReserve(int bytes)
    {
        int missing = ChunksFor(bytes) - _count;
        if (missing > 0 && !chunks.TryReserve(missing))
        {
            return false;
        }

        for (; missing > 0; missing--)
        {
            if (_count == _chunks.Length)
            {
                Grow();
            }

            _chunks[(_head + _count) & (_chunks.Length - 1)] = chunks.Take();
            _count++;
        }

        return true;
    }

    // Chunks in all once so many bytes more are held.
    private int ChunksFor(int bytes)
    {
        ulong size = (ulong)chunks.ChunkBytes;
        return (int)((_written - _start + (ulong)bytes + size - 1) / size);
    }

    private void Grow()
    {
        BufferLease[] larger = new BufferLease[Math.Max(2, 2 * _chunks.Length)];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _chunks[(_head + i) & (_chunks.Length - 1)];
        }

        _chunks = larger;
        _head = 0;
    }
}
