namespace Fragcast.Transport.Identity;

/// <summary>
/// Reads DER (ITU-T X.690) elements one after the other from bytes that nobody vouches for. Total: every step gives a
/// value or false. Refuses indefinite and over-long lengths and tag numbers above 30, which certificates do not use.
/// </summary>
internal ref struct DerReader(ReadOnlySpan<byte> bytes)
{
    public const byte Boolean = 0x01;
    public const byte Integer = 0x02;
    public const byte BitString = 0x03;
    public const byte OctetString = 0x04;
    public const byte ObjectId = 0x06;
    public const byte Sequence = 0x30;

    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>A context-specific constructed tag, as [n] EXPLICIT gives.</summary>
    public static byte Explicit(int number) => (byte)(0xA0 | number);

    /// <summary>Whether the next element has the tag.</summary>
    public readonly bool NextIs(byte tag) => !_rest.IsEmpty && _rest[0] == tag;

    /// <summary>Takes the next element if it has the tag, and gives its content.</summary>
    public bool TryRead(byte tag, out ReadOnlySpan<byte> content) => TryRead(tag, out content, out _);

    /// <summary>As above, and gives the whole element with its head too.</summary>
    public bool TryRead(byte tag, out ReadOnlySpan<byte> content, out ReadOnlySpan<byte> element)
    {
        content = default;
        element = default;
        return NextIs(tag) && TryReadAny(out _, out content, out element);
    }

    /// <summary>Takes the next element, whatever it is.</summary>
    public bool TryReadAny(out byte tag, out ReadOnlySpan<byte> content, out ReadOnlySpan<byte> element)
    {
        tag = 0;
        content = default;
        element = default;
        if (_rest.Length < 2 || (_rest[0] & 0x1F) == 0x1F || !TryReadLength(out int head, out int length) ||
            length > _rest.Length - head)
        {
            return false;
        }

        tag = _rest[0];
        content = _rest.Slice(head, length);
        element = _rest[..(head + length)];
        _rest = _rest[(head + length)..];
        return true;
    }

    /// <summary>Takes a sequence and gives a reader of its elements.</summary>
    public bool TryReadSequence(out DerReader items)
    {
        bool found = TryRead(Sequence, out ReadOnlySpan<byte> content);
        items = new DerReader(content);
        return found;
    }

    /// <summary>Takes a bit string of whole bytes.</summary>
    public bool TryReadBits(out ReadOnlySpan<byte> bits)
    {
        bits = default;
        if (!TryRead(BitString, out ReadOnlySpan<byte> content) || content.IsEmpty || content[0] != 0)
        {
            return false;
        }

        bits = content[1..];
        return true;
    }

    // Lengths of up to three bytes: nothing in a certificate that fits a handshake is longer.
    private readonly bool TryReadLength(out int head, out int length)
    {
        head = 2;
        length = _rest[1];
        if (length < 0x80)
        {
            return true;
        }

        int count = length & 0x7F;
        if (count is 0 or > 3 || _rest.Length < 2 + count || _rest[2] == 0)
        {
            return false;
        }

        length = 0;
        for (int i = 0; i < count; i++)
        {
            length = (length << 8) | _rest[2 + i];
        }

        head = 2 + count;
        return length >= 0x80;
    }
}
