using System.Numerics;

namespace Fragcast.Primitives.Rlp;

/// <summary>Lengths of encoded items in bytes, for buffers and list headers that are sized ahead.</summary>
public static class RlpLength
{
    /// <summary>The length of a byte string with its header.</summary>
    public static int Of(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 1 && bytes[0] < 0x80 ? 1 : OfList(bytes.Length);

    /// <summary>The length of an integer with its header.</summary>
    public static int Of(ulong value) =>
        value < 0x80 ? 1 : 1 + sizeof(ulong) - (BitOperations.LeadingZeroCount(value) >> 3);

    /// <summary>The length of an integer with its header.</summary>
    public static int Of(in UInt256 value) => value.FitsUInt64 ? Of(value.U0) : 1 + value.ByteLength;

    /// <summary>The length of a list with its header, from the length of its content.</summary>
    public static int OfList(int payloadLength) =>
        payloadLength <= 55 ? 1 + payloadLength : 1 + OfLength(payloadLength) + payloadLength;

    /// <summary>The length in bytes of a length above 55 in a header.</summary>
    internal static int OfLength(int length) => (39 - BitOperations.LeadingZeroCount((uint)length)) >> 3;
}
