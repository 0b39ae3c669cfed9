using System.Runtime.CompilerServices;

namespace Fragcast.Primitives.Rlp;

/// <summary>
/// Reads recursive-length-prefix items in place (Ethereum Yellow Paper, appendix B). Total: any input gives items or an
/// error, nothing is allocated, and work is linear in the bytes visited. Only the canonical form is accepted. The first
/// failure is kept in <see cref="Error"/>, and every later read fails with it.
/// </summary>
public ref struct RlpReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _end;
    private int _position;
    private RlpError _error;

    /// <summary>A reader over any number of items; the spans it gives out are slices of the data.</summary>
    public RlpReader(ReadOnlySpan<byte> data)
    {
        _data = data;
        _end = data.Length;
    }

    private RlpReader(ReadOnlySpan<byte> data, int start, int end)
    {
        _data = data;
        _position = start;
        _end = end;
    }

    /// <summary>The first failure of this reader; a reader of a list inside has its own.</summary>
    public readonly RlpError Error => _error;

    /// <summary>Whether all items were read. False after an error.</summary>
    public readonly bool IsAtEnd => _position == _end && _error == RlpError.None;

    /// <summary>
    /// The offset of the next item in the span of the outermost reader, so that readers of inner lists give offsets a
    /// caller can slice its own memory with.
    /// </summary>
    public readonly int Position => _position;

    /// <summary>The bytes left in this list or input, headers included.</summary>
    public readonly int Remaining => _end - _position;

    /// <summary>Whether there is a next item and its first byte says that it is a list.</summary>
    public readonly bool IsNextList => _error == RlpError.None && _position < _end && _data[_position] >= 0xC0;

    /// <summary>Reads a string and gives its payload.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> payload)
    {
        if (!TryReadHeader(out bool isList, out int start, out int length)) return None(out payload);
        if (isList)
        {
            Fail(RlpError.ExpectedString);
            return None(out payload);
        }

        payload = _data.Slice(start, length);
        _position = start + length;
        return true;
    }

    /// <summary>Reads a string of exactly <paramref name="size"/> bytes.</summary>
    public bool TryReadBytes(int size, out ReadOnlySpan<byte> payload)
    {
        if (!TryReadBytes(out payload)) return false;
        return payload.Length == size || Fail(RlpError.WrongSize);
    }

    /// <summary>Reads a list header and gives a reader of its items; this reader goes on behind the list.</summary>
    public bool TryReadList(out RlpReader items)
    {
        if (!TryReadHeader(out bool isList, out int start, out int length))
        {
            items = default;
            return false;
        }

        if (!isList)
        {
            items = default;
            return Fail(RlpError.ExpectedList);
        }

        items = new RlpReader(_data, start, start + length);
        _position = start + length;
        return true;
    }

    /// <summary>Reads an item of either kind whole, its header included; the inside of a list is not checked.</summary>
    public bool TryReadItem(out ReadOnlySpan<byte> item)
    {
        int first = _position;
        if (!TryReadHeader(out _, out int start, out int length)) return None(out item);
        _position = start + length;
        item = _data[first.._position];
        return true;
    }

    /// <summary>Reads an integer of at most 8 bytes; the empty string is zero.</summary>
    public bool TryReadUInt64(out ulong value)
    {
        value = 0;
        if (!TryReadInteger(sizeof(ulong), out ReadOnlySpan<byte> digits)) return false;
        foreach (byte digit in digits) value = (value << 8) | digit;
        return true;
    }

    /// <summary>Reads an integer of at most 32 bytes; the empty string is zero.</summary>
    public bool TryReadUInt256(out UInt256 value)
    {
        if (!TryReadInteger(UInt256.Size, out ReadOnlySpan<byte> digits))
        {
            value = default;
            return false;
        }

        value = UInt256.FromBigEndian(digits);
        return true;
    }

    /// <summary>Reads a string of exactly 32 bytes.</summary>
    public bool TryReadHash256(out Hash256 value)
    {
        bool good = TryReadBytes(Hash256.Size, out ReadOnlySpan<byte> payload);
        value = good ? Hash256.FromBytes(payload) : default;
        return good;
    }

    /// <summary>Reads a string of exactly 20 bytes.</summary>
    public bool TryReadAddress(out Address value)
    {
        bool good = TryReadBytes(Address.Size, out ReadOnlySpan<byte> payload);
        value = good ? Address.FromBytes(payload) : default;
        return good;
    }

    /// <summary>Reads a string of 20 bytes, or the empty string as null: the receiver of a creation.</summary>
    public bool TryReadOptionalAddress(out Address? value)
    {
        value = null;
        if (!TryReadBytes(out ReadOnlySpan<byte> payload)) return false;
        if (payload.IsEmpty) return true;
        if (payload.Length != Address.Size) return Fail(RlpError.WrongSize);
        value = Address.FromBytes(payload);
        return true;
    }

    /// <summary>Passes over one item of either kind; the inside of a list is not checked.</summary>
    public bool TrySkip() => TryReadItem(out _);

    /// <summary>
    /// Counts the items left, reading their headers only, without moving; false if one of them is not well formed.
    /// </summary>
    public readonly bool TryCountItems(out int count)
    {
        RlpReader copy = this;
        count = 0;
        while (copy.TrySkip()) count++;
        return copy.IsPastLast;
    }

    /// <summary>Checks that all items were read; anything left is <see cref="RlpError.TrailingData"/>.</summary>
    public bool TryFinish()
    {
        if (_error != RlpError.None) return false;
        return _position == _end || Fail(RlpError.TrailingData);
    }

    private readonly bool IsPastLast => _position == _end;

    private bool TryReadInteger(int sizeMax, out ReadOnlySpan<byte> digits)
    {
        if (!TryReadBytes(out digits)) return false;
        if (!digits.IsEmpty && digits[0] == 0) return Fail(RlpError.NonCanonicalInteger);
        return digits.Length <= sizeMax || Fail(RlpError.IntegerTooLarge);
    }

    private bool TryReadHeader(out bool isList, out int start, out int length)
    {
        isList = false;
        start = length = 0;
        if (_error != RlpError.None) return false;
        if (_position >= _end) return Fail(RlpError.UnexpectedEnd);

        byte first = _data[_position];
        if (first < 0x80)
        {
            start = _position;
            length = 1;
            return true;
        }

        isList = first >= 0xC0;
        int code = first & 0x3F;
        start = _position + 1;
        if (code <= 55)
            length = code;
        else if (!TryReadLongLength(code - 55, ref start, out length))
            return false;

        if (length > _end - start) return Fail(RlpError.UnexpectedEnd);
        if (!isList && length == 1 && _data[start] < 0x80) return Fail(RlpError.NonCanonicalLength);
        return true;
    }

    private bool TryReadLongLength(int lengthOfLength, ref int start, out int length)
    {
        length = 0;
        if (lengthOfLength > _end - start) return Fail(RlpError.UnexpectedEnd);
        ReadOnlySpan<byte> digits = _data.Slice(start, lengthOfLength);
        if (digits[0] == 0) return Fail(RlpError.NonCanonicalLength);
        ulong value = 0;
        foreach (byte digit in digits) value = (value << 8) | digit;
        if (value <= 55) return Fail(RlpError.NonCanonicalLength);
        if (value > int.MaxValue) return Fail(RlpError.UnexpectedEnd);
        start += lengthOfLength;
        length = (int)value;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Fail(RlpError error)
    {
        _error = error;
        return false;
    }

    private static bool None(out ReadOnlySpan<byte> span)
    {
        span = default;
        return false;
    }
}
