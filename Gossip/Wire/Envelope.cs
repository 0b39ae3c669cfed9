using System.Buffers.Binary;
using Fragcast.Primitives.Messages;

namespace Fragcast.Gossip.Wire;

/// <summary>The head of an envelope, read or to be written; see <see cref="EnvelopeLayout"/> for the bytes.</summary>
/// <param name="Kind">What follows the head.</param>
/// <param name="Revision">Form of the SSZ message.</param>
/// <param name="Epoch">How often the chain was started anew.</param>
/// <param name="NetworkId">Which network the message is for.</param>
/// <param name="BlockNumber">Block that the message belongs to.</param>
/// <param name="Sequence">
/// Place within the block, the attempt in the top byte; see <see cref="AttemptSequence"/>.
/// </param>
public readonly record struct Envelope(
    EnvelopeKind Kind, MessageRevision Revision, uint Epoch, ulong NetworkId, ulong BlockNumber, ulong Sequence)
{
    /// <summary>How often the block was cancelled before.</summary>
    public byte Attempt => AttemptSequence.Attempt(Sequence);

    /// <summary>Reads and checks a head.</summary>
    /// <param name="bytes">The whole envelope, head and message.</param>
    /// <param name="envelope">The head, when the result is <see cref="Refusal.None"/>.</param>
    public static Refusal TryRead(ReadOnlySpan<byte> bytes, out Envelope envelope)
    {
        envelope = default;
        if (bytes.Length <= EnvelopeLayout.MessageOffset)
        {
            return Refusal.Truncated;
        }

        if (bytes.Length > EnvelopeLayout.LengthMax)
        {
            return Refusal.TooLong;
        }

        if (bytes[EnvelopeLayout.VersionOffset] != EnvelopeLayout.Version)
        {
            return Refusal.UnknownVersion;
        }

        byte kind = bytes[EnvelopeLayout.KindOffset];
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(bytes[EnvelopeLayout.FlagsOffset..]);
        if (kind > (byte)EnvelopeKind.HandOver || (flags & ~(ushort)EnvelopeFlags.WithoutBlobGas) != 0)
        {
            return Refusal.UnknownKind;
        }

        envelope = new Envelope(
            (EnvelopeKind)kind,
            flags == 0 ? MessageRevision.V0WithBlobGas : MessageRevision.V0,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[EnvelopeLayout.EpochOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[EnvelopeLayout.NetworkIdOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[EnvelopeLayout.BlockNumberOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[EnvelopeLayout.SequenceOffset..]));
        return Refusal.None;
    }

    /// <summary>Writes the head; the signature's place is left as it is.</summary>
    /// <param name="destination">At least <see cref="EnvelopeLayout.MessageOffset"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        destination[EnvelopeLayout.VersionOffset] = EnvelopeLayout.Version;
        destination[EnvelopeLayout.KindOffset] = (byte)Kind;
        EnvelopeFlags flags = Revision == MessageRevision.V0 ? EnvelopeFlags.WithoutBlobGas : EnvelopeFlags.None;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[EnvelopeLayout.FlagsOffset..], (ushort)flags);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[EnvelopeLayout.EpochOffset..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[EnvelopeLayout.NetworkIdOffset..], NetworkId);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[EnvelopeLayout.BlockNumberOffset..], BlockNumber);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[EnvelopeLayout.SequenceOffset..], Sequence);
    }

    /// <summary>The signature's place in an envelope.</summary>
    public static ReadOnlySpan<byte> Signature(ReadOnlySpan<byte> envelope) =>
        envelope.Slice(EnvelopeLayout.SignatureOffset, EnvelopeLayout.SignatureLength);

    /// <summary>The SSZ message in an envelope.</summary>
    public static ReadOnlyMemory<byte> Message(ReadOnlyMemory<byte> envelope) =>
        envelope[EnvelopeLayout.MessageOffset..];
}
