using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fragcast.Primitives.Rlp;

/// <summary>
/// Writes recursive-length-prefix items in order into a buffer that grows from the shared array pool. Not thread-safe.
/// Hand it on by <c>ref</c> and call <see cref="Dispose"/> in the end; spans from it are void after that.
/// </summary>
public ref struct RlpWriter
{
    /// <summary>How deep lists may nest. Blocks need 5: body, transactions, transaction, access list, entry.</summary>
    public const int DepthMax = 16;

    private Span<byte> _buffer;
    private byte[]? _rented;
    private ListStarts _starts;
    private int _depth;
    private int _position;

    /// <summary>A writer over a rented buffer of at least this many bytes.</summary>
    public RlpWriter(int capacityBytes = 256)
    {
        _rented = ArrayPool<byte>.Shared.Rent(capacityBytes);
        _buffer = _rented;
    }

    /// <summary>A writer that starts in the caller's memory, and rents only if that is too small.</summary>
    public RlpWriter(Span<byte> initial) => _buffer = initial;

    /// <summary>How many bytes were written.</summary>
    public readonly int Length => _position;

    /// <summary>What was written so far; open lists have no valid header yet. Void after the next write.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[.._position];

    /// <summary>A copy of what was written.</summary>
    public readonly byte[] ToArray() => Written.ToArray();

    /// <summary>Opens a list; the items up to the matching <see cref="EndList"/> are its content.</summary>
    public void StartList()
    {
        if (_depth == DepthMax) ThrowTooDeep();
        Reserve(1);
        _starts[_depth++] = ++_position;
    }

    /// <summary>
    /// Opens a list whose content has <paramref name="payloadLength"/> bytes. Nothing closes it: the caller writes
    /// exactly that many. Saves the move of the content that <see cref="EndList"/> makes for 56 bytes and more.
    /// </summary>
    public void StartList(int payloadLength) => WriteHeader(0xC0, payloadLength);

    /// <summary>Closes the list that was opened last, and sets its header.</summary>
    public void EndList()
    {
        if (_depth == 0) ThrowNotOpen();
        int start = _starts[--_depth];
        int length = _position - start;
        if (length <= 55)
        {
            _buffer[start - 1] = (byte)(0xC0 + length);
            return;
        }

        int lengthOfLength = RlpLength.OfLength(length);
        Reserve(lengthOfLength);
        _buffer.Slice(start, length).CopyTo(_buffer[(start + lengthOfLength)..]);
        _position += lengthOfLength;
        PutLongHeader(_buffer[(start - 1)..], 0xC0, length, lengthOfLength);
    }

    /// <summary>Writes a byte string.</summary>
    public void Write(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 1 && bytes[0] < 0x80)
        {
            Reserve(1);
            _buffer[_position++] = bytes[0];
            return;
        }

        WriteHeader(0x80, bytes.Length);
        WriteRaw(bytes);
    }

    /// <summary>Writes an integer without leading zeros; zero is the empty string.</summary>
    public void Write(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Write(bytes[(BitOperations.LeadingZeroCount(value) >> 3)..]);
    }

    /// <summary>Writes an integer without leading zeros; zero is the empty string.</summary>
    public void Write(in UInt256 value)
    {
        Span<byte> bytes = stackalloc byte[UInt256.Size];
        value.WriteBigEndian(bytes);
        Write(bytes[(UInt256.Size - value.ByteLength)..]);
    }

    /// <summary>Writes a string of 32 bytes.</summary>
    public void Write(in Hash256 value) => Write(value.Bytes);

    /// <summary>Writes a string of 20 bytes.</summary>
    public void Write(in Address value) => Write(value.Bytes);

    /// <summary>Writes a string of 20 bytes, or the empty string for null.</summary>
    public void Write(Address? value) => Write(value is { } address ? address.Bytes : default);

    /// <summary>Copies bytes that are encoded already.</summary>
    public void WriteRaw(scoped ReadOnlySpan<byte> encoded)
    {
        Reserve(encoded.Length);
        encoded.CopyTo(_buffer[_position..]);
        _position += encoded.Length;
    }

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Reset()
    {
        _position = 0;
        _depth = 0;
    }

    /// <summary>Gives the buffer back to the pool.</summary>
    public void Dispose()
    {
        byte[]? rented = _rented;
        this = default;
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    private void WriteHeader(byte offset, int length)
    {
        Reserve(1 + sizeof(int));
        if (length <= 55)
        {
            _buffer[_position++] = (byte)(offset + length);
            return;
        }

        int lengthOfLength = RlpLength.OfLength(length);
        PutLongHeader(_buffer[_position..], offset, length, lengthOfLength);
        _position += 1 + lengthOfLength;
    }

    private static void PutLongHeader(Span<byte> destination, byte offset, int length, int lengthOfLength)
    {
        destination[0] = (byte)(offset + 55 + lengthOfLength);
        for (int i = lengthOfLength; i > 0; i--, length >>= 8) destination[i] = (byte)length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int bytes)
    {
        if (_buffer.Length - _position < bytes) Grow(bytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int bytes)
    {
        int wanted = Math.Max(checked(_position + bytes), (int)Math.Min(2L * _buffer.Length, Array.MaxLength));
        byte[] larger = ArrayPool<byte>.Shared.Rent(wanted);
        Written.CopyTo(larger);
        if (_rented is not null) ArrayPool<byte>.Shared.Return(_rented);
        _buffer = _rented = larger;
    }

    private static void ThrowTooDeep() => throw new InvalidOperationException("RLP lists nest too deep.");

    private static void ThrowNotOpen() => throw new InvalidOperationException("No RLP list is open.");

    [InlineArray(DepthMax)]
    private struct ListStarts
    {
        private int _first;
    }
}
