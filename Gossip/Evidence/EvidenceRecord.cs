using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Messages;

namespace Fragcast.Gossip.Evidence;

/// <summary>One of the two things that a leader signed.</summary>
/// <param name="Body">See <see cref="EvidenceLayout"/>.</param>
/// <param name="Signature">r ‖ s ‖ v, in any form that messages take.</param>
/// <param name="Revision">In messages form, the layout of the message.</param>
public readonly record struct SignedBody(
    ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte> Signature,
    MessageRevision Revision = MessageRevision.V0WithBlobGas);

/// <summary>
/// Proof that one key signed two different things for one place, checked by itself: no schedule and no chain is needed
/// to see that it holds, only to see that the key was the leader's. Not changed once made, any thread.
/// </summary>
public sealed class EvidenceRecord
{
    private const byte FlagsMax = 3;

    private readonly byte[] _bytes;

    private EvidenceRecord(byte[] bytes, in EvidenceSide first, in EvidenceSide second, in Address leader)
    {
        _bytes = bytes;
        Leader = leader;
        FirstDigest = first.Digest;
        SecondDigest = second.Digest;
        FirstSequence = first.Sequence;
        SecondSequence = second.Sequence;
        Block = first.Block;
        Attempt = first.Attempt;
        Epoch = first.Epoch;
        Segment = first.Segment;
        Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, id);
        Id = Hash256.FromBytes(id);
    }

    /// <summary>SHA-256 of the encoding.</summary>
    public Hash256 Id { get; }

    /// <summary>The encoding.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>What was signed twice.</summary>
    public EvidenceForm Form => (EvidenceForm)_bytes[EvidenceLayout.FormOffset];

    /// <summary>Kind of the message.</summary>
    public EnvelopeKind Kind => (EnvelopeKind)_bytes[EvidenceLayout.KindOffset];

    /// <summary>The network: signed in chunks form, else where it was found.</summary>
    public ulong NetworkId => BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan(EvidenceLayout.NetworkIdOffset));

    /// <summary>Who signed both.</summary>
    public Address Leader { get; }

    /// <summary>The block's number.</summary>
    public ulong Block { get; }

    /// <summary>How often the block was cancelled before.</summary>
    public byte Attempt { get; }

    /// <summary>How often the chain was started anew; 0 in messages form, which does not say.</summary>
    public uint Epoch { get; }

    /// <summary>Which segment of the message; 0 in messages form.</summary>
    public ushort Segment { get; }

    /// <summary>Place of the first within the block.</summary>
    public ulong FirstSequence { get; }

    /// <summary>Place of the second; for frags the same.</summary>
    public ulong SecondSequence { get; }

    /// <summary>The smaller digest.</summary>
    public Hash256 FirstDigest { get; }

    /// <summary>The greater digest.</summary>
    public Hash256 SecondDigest { get; }

    /// <summary>Names what a leader may sign once; there is need for one evidence of it only.</summary>
    public EvidenceKey Key => new(
        Leader, Form, NetworkId, Epoch, Kind, Block, Attempt, Kind == EnvelopeKind.Frag ? FirstSequence : 0, Segment);

    /// <summary>Body of a side, 0 or 1.</summary>
    public ReadOnlySpan<byte> Body(int side) => _bytes.AsSpan(BodyStart(_bytes, side), BodyLength(_bytes, side));

    /// <summary>Signature of a side, 0 or 1.</summary>
    public ReadOnlySpan<byte> Signature(int side) => _bytes.AsSpan(
        BodyStart(_bytes, side) + BodyLength(_bytes, side), EvidenceLayout.SignatureLength);

    /// <summary>Reads and verifies evidence; costs two recoveries.</summary>
    /// <param name="bytes">The encoding, all of it; copied.</param>
    /// <param name="evidence">The evidence, or null on an error.</param>
    public static EvidenceError TryRead(ReadOnlySpan<byte> bytes, out EvidenceRecord? evidence)
    {
        evidence = null;
        EvidenceError error = CheckHead(bytes);
        if (error != EvidenceError.None)
        {
            return error;
        }

        byte[] copy = bytes.ToArray();
        error = ReadSide(copy, 0, out EvidenceSide first);
        if (error == EvidenceError.None)
        {
            error = ReadSide(copy, 1, out EvidenceSide second);
            if (error == EvidenceError.None)
            {
                error = Compare(copy, first, second, out Address leader);
                evidence = error == EvidenceError.None ? new EvidenceRecord(copy, first, second, leader) : null;
            }
        }

        return error;
    }

    /// <summary>Makes evidence of two messages.</summary>
    /// <param name="networkId">The network that they were found on.</param>
    /// <param name="kind">Kind of both.</param>
    /// <param name="attempt">Attempt of both.</param>
    /// <param name="one">One of them.</param>
    /// <param name="other">The other; the order does not matter.</param>
    /// <param name="evidence">The evidence, or null when the two prove nothing.</param>
    public static EvidenceError TryMakeOfMessages(
        ulong networkId, EnvelopeKind kind, byte attempt, in SignedBody one, in SignedBody other,
        out EvidenceRecord? evidence)
    {
        evidence = null;
        EvidenceError error = EvidenceBody.ReadMessage(kind, one.Body, one.Revision, attempt, out EvidenceSide left);
        if (error == EvidenceError.None)
        {
            error = EvidenceBody.ReadMessage(kind, other.Body, other.Revision, attempt, out EvidenceSide right);
            if (error == EvidenceError.None)
            {
                bool swap = left.Digest.CompareTo(right.Digest) > 0;
                byte[] bytes = Compose(
                    EvidenceForm.Messages, networkId, kind, attempt, swap ? other : one, swap ? one : other);
                error = TryRead(bytes, out evidence);
            }
        }

        return error;
    }

    /// <summary>Makes evidence of two roots of chunks.</summary>
    /// <param name="networkId">The network.</param>
    /// <param name="kind">Kind of the message.</param>
    /// <param name="one">What was signed for one root, 80 bytes, and the signature in its chunks.</param>
    /// <param name="other">The same for the other; the order does not matter.</param>
    /// <param name="evidence">The evidence, or null when the two prove nothing.</param>
    public static EvidenceError TryMakeOfChunks(
        ulong networkId, EnvelopeKind kind, in SignedBody one, in SignedBody other, out EvidenceRecord? evidence)
    {
        evidence = null;
        EvidenceError error = EvidenceBody.ReadChunks(kind, one.Body.Span, networkId, out EvidenceSide left);
        if (error == EvidenceError.None)
        {
            error = EvidenceBody.ReadChunks(kind, other.Body.Span, networkId, out EvidenceSide right);
            if (error == EvidenceError.None)
            {
                bool swap = left.Digest.CompareTo(right.Digest) > 0;
                byte[] bytes = Compose(
                    EvidenceForm.Chunks, networkId, kind, 0, swap ? other : one, swap ? one : other);
                error = TryRead(bytes, out evidence);
            }
        }

        return error;
    }

    private static int BodyLength(ReadOnlySpan<byte> bytes, int side) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[(EvidenceLayout.LengthsOffset + (side * 2))..]);

    private static int BodyStart(ReadOnlySpan<byte> bytes, int side) => side == 0
        ? EvidenceLayout.HeadLength
        : EvidenceLayout.HeadLength + BodyLength(bytes, 0) + EvidenceLayout.SignatureLength;

    private static EvidenceError CheckHead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < EvidenceLayout.HeadLength or > EvidenceLayout.LengthMax)
        {
            return EvidenceError.BadLength;
        }

        byte form = bytes[EvidenceLayout.FormOffset];
        byte flags = bytes[EvidenceLayout.FlagsOffset];
        if (bytes[0] != EvidenceLayout.Version || form is < (byte)EvidenceForm.Messages or > (byte)EvidenceForm.Chunks
            || bytes[EvidenceLayout.KindOffset] > (byte)EnvelopeKind.HandOver || flags > FlagsMax)
        {
            return EvidenceError.UnknownVersion;
        }

        if (bytes[(EvidenceLayout.AttemptOffset + 1)..EvidenceLayout.NetworkIdOffset].ContainsAnyExcept((byte)0)
            || (form == (byte)EvidenceForm.Chunks && (flags != 0 || bytes[EvidenceLayout.AttemptOffset] != 0)))
        {
            return EvidenceError.NotCanonical;
        }

        // Only frags and seals have two revisions; the others are signed alike in both.
        EnvelopeKind kind = (EnvelopeKind)bytes[EvidenceLayout.KindOffset];
        if (flags != 0 && kind is not (EnvelopeKind.Frag or EnvelopeKind.Seal))
        {
            return EvidenceError.NotCanonical;
        }

        int length = EvidenceLayout.HeadLength + BodyLength(bytes, 0) + BodyLength(bytes, 1)
            + (2 * EvidenceLayout.SignatureLength);
        return length == bytes.Length ? EvidenceError.None : EvidenceError.BadLength;
    }

    private static EvidenceError ReadSide(byte[] bytes, int side, out EvidenceSide read)
    {
        var kind = (EnvelopeKind)bytes[EvidenceLayout.KindOffset];
        ReadOnlyMemory<byte> body = bytes.AsMemory(BodyStart(bytes, side), BodyLength(bytes, side));
        if (bytes[EvidenceLayout.FormOffset] == (byte)EvidenceForm.Chunks)
        {
            ulong networkId = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(EvidenceLayout.NetworkIdOffset));
            return EvidenceBody.ReadChunks(kind, body.Span, networkId, out read);
        }

        bool isFirst = (bytes[EvidenceLayout.FlagsOffset] >> side & 1) != 0;
        return EvidenceBody.ReadMessage(
            kind, body, isFirst ? MessageRevision.V0 : MessageRevision.V0WithBlobGas,
            bytes[EvidenceLayout.AttemptOffset], out read);
    }

    private static EvidenceError Compare(
        ReadOnlySpan<byte> bytes, in EvidenceSide first, in EvidenceSide second, out Address leader)
    {
        leader = default;
        if (first.Digest == second.Digest)
        {
            return EvidenceError.NotDifferent;
        }

        if (!first.IsSamePlace(second))
        {
            return EvidenceError.DifferentPlaces;
        }

        ReadOnlySpan<byte> firstSignature = bytes.Slice(
            BodyStart(bytes, 0) + BodyLength(bytes, 0), EvidenceLayout.SignatureLength);
        ReadOnlySpan<byte> secondSignature = bytes[^EvidenceLayout.SignatureLength..];
        if (first.Digest.CompareTo(second.Digest) > 0 || !IsCanonical(firstSignature) || !IsCanonical(secondSignature))
        {
            return EvidenceError.NotCanonical;
        }

        if (!MessageSignature.TryRecoverSigner(first.Digest, firstSignature, out leader)
            || !MessageSignature.TryRecoverSigner(second.Digest, secondSignature, out Address other))
        {
            return EvidenceError.BadSignature;
        }

        return leader == other ? EvidenceError.None : EvidenceError.DifferentSigners;
    }

    private static bool IsCanonical(ReadOnlySpan<byte> signature) =>
        signature[64] <= 1 && Secp256k1.IsLowS(Hash256.FromBytes(signature.Slice(32, 32)).ToUInt256());

    private static byte[] Compose(
        EvidenceForm form, ulong networkId, EnvelopeKind kind, byte attempt, in SignedBody first,
        in SignedBody second)
    {
        int length = EvidenceLayout.HeadLength + first.Body.Length + second.Body.Length
            + (2 * EvidenceLayout.SignatureLength);
        var bytes = new byte[length];
        bytes[0] = EvidenceLayout.Version;
        bytes[EvidenceLayout.FormOffset] = (byte)form;
        bytes[EvidenceLayout.KindOffset] = (byte)kind;
        if (form == EvidenceForm.Messages && kind is EnvelopeKind.Frag or EnvelopeKind.Seal)
        {
            bytes[EvidenceLayout.FlagsOffset] = (byte)(
                (first.Revision == MessageRevision.V0 ? 1 : 0) | (second.Revision == MessageRevision.V0 ? 2 : 0));
        }

        bytes[EvidenceLayout.AttemptOffset] = attempt;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(EvidenceLayout.NetworkIdOffset), networkId);
        BinaryPrimitives.WriteUInt16LittleEndian(
            bytes.AsSpan(EvidenceLayout.LengthsOffset), (ushort)first.Body.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(
            bytes.AsSpan(EvidenceLayout.LengthsOffset + 2), (ushort)second.Body.Length);
        Place(first, bytes.AsSpan(BodyStart(bytes, 0)));
        Place(second, bytes.AsSpan(BodyStart(bytes, 1)));
        return bytes;
    }

    private static void Place(in SignedBody body, Span<byte> destination)
    {
        body.Body.Span.CopyTo(destination);
        Span<byte> signature = destination.Slice(body.Body.Length, EvidenceLayout.SignatureLength);
        body.Signature.Span[..EvidenceLayout.SignatureLength].CopyTo(signature);
        if (signature[64] is 27 or 28)
        {
            signature[64] -= 27;
        }

        // (r, n - s) with the other v is the same signature.
        UInt256 s = Hash256.FromBytes(signature.Slice(32, 32)).ToUInt256();
        if (!Secp256k1.IsLowS(s) && s < Secp256k1.Order)
        {
            Hash256.FromUInt256(Secp256k1.Order - s).CopyTo(signature.Slice(32, 32));
            signature[64] ^= 1;
        }
    }
}

/// <summary>Names what a leader may sign once.</summary>
public readonly record struct EvidenceKey(
    Address Leader, EvidenceForm Form, ulong NetworkId, uint Epoch, EnvelopeKind Kind, ulong Block, byte Attempt,
    ulong Sequence, ushort Segment);
