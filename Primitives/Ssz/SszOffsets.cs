using System.Buffers.Binary;

namespace Fragcast.Primitives.Ssz;

/// <summary>What is wrong with a serialized list.</summary>
internal enum SszListError : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>An offset points backwards, outside, or into the table.</summary>
    BadOffset,

    /// <summary>More elements, or a longer one, than the limit.</summary>
    TooLong,
}

/// <summary>
/// The offset table of a list of variable-size elements: n little-endian 32-bit offsets, counted from the table's first
/// byte, followed by the elements. The first offset therefore gives n.
/// </summary>
internal static class SszOffsets
{
    /// <summary>Bytes of one offset.</summary>
    public const int Length = 4;

    /// <summary>
    /// Checks the table of a serialized list: offsets in order and within the list, at most
    /// <paramref name="countMax"/> elements of at most <paramref name="elementLengthMax"/> bytes.
    /// </summary>
    /// <returns>What is wrong, or none; then <paramref name="count"/> is the number of elements.</returns>
    public static SszListError TryValidate(ReadOnlySpan<byte> list, int countMax, int elementLengthMax, out int count)
    {
        count = 0;
        if (list.IsEmpty)
        {
            return SszListError.None;
        }

        var first = list.Length < Length ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(list);
        if (first == 0 || first % Length != 0 || first > (uint)list.Length)
        {
            return SszListError.BadOffset;
        }

        if (first / Length > (uint)countMax)
        {
            return SszListError.TooLong;
        }

        var previous = first;
        for (var at = Length; at < (int)first; at += Length)
        {
            var next = BinaryPrimitives.ReadUInt32LittleEndian(list[at..]);
            var error = CheckElement(previous, next, elementLengthMax);
            if (error != SszListError.None)
            {
                return error;
            }

            previous = next;
        }

        var last = CheckElement(previous, (uint)list.Length, elementLengthMax);
        count = last == SszListError.None ? (int)(first / Length) : 0;
        return last;
    }

    /// <summary>Start and end of element <paramref name="index"/> in a list whose table was validated.</summary>
    public static (int Start, int End) Range(ReadOnlySpan<byte> list, int count, int index)
    {
        var start = (int)BinaryPrimitives.ReadUInt32LittleEndian(list[(index * Length)..]);
        var end = index + 1 < count
            ? (int)BinaryPrimitives.ReadUInt32LittleEndian(list[((index + 1) * Length)..])
            : list.Length;
        return (start, end);
    }

    private static SszListError CheckElement(uint start, uint end, int lengthMax) =>
        end < start ? SszListError.BadOffset
        : end - start > (uint)lengthMax ? SszListError.TooLong
        : SszListError.None;
}
