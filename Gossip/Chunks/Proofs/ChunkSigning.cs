using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Gossip.Chunks.Proofs;

/// <summary>
/// What a leader signs for a segment: SHA-256 of the 80 bytes below, with the key of its messages, without a prefix. It
/// is never the digest of a message, which is made from 64 bytes.
/// </summary>
/// <remarks>
/// <code>
/// "fragcast/chunks1" (16)  network id (u64)  epoch (u32)  segment (u16)  segments (u16)  block (u64)  sequence (u64)
/// kind (u8)  k (u8)  n (u8)  0 (u8)  message length (u32)  chunk length (u16)  0 (u16)  Merkle root (20)
/// </code>
/// </remarks>
public static class ChunkSigning
{
    /// <summary>How many bytes are hashed and signed.</summary>
    public const int SignedLength = 80;

    private static readonly UInt256 HalfOrder = Secp256k1.HalfOrder;

    private static ReadOnlySpan<byte> Domain => "fragcast/chunks1"u8;

    /// <summary>Writes the bytes whose SHA-256 is signed.</summary>
    /// <param name="networkId">See <see cref="Wire.NetworkId"/>.</param>
    /// <param name="head">A head of any chunk of the segment.</param>
    /// <param name="root">The Merkle root, 20 bytes.</param>
    /// <param name="signed">Takes <see cref="SignedLength"/> bytes.</param>
    public static void Write(ulong networkId, in ChunkHead head, ReadOnlySpan<byte> root, Span<byte> signed)
    {
        Domain.CopyTo(signed);
        BinaryPrimitives.WriteUInt64LittleEndian(signed[16..], networkId);
        BinaryPrimitives.WriteUInt32LittleEndian(signed[24..], head.Place.Epoch);
        BinaryPrimitives.WriteUInt16LittleEndian(signed[28..], head.Place.Segment);
        BinaryPrimitives.WriteUInt16LittleEndian(signed[30..], head.Segments);
        BinaryPrimitives.WriteUInt64LittleEndian(signed[32..], head.Place.Block);
        BinaryPrimitives.WriteUInt64LittleEndian(signed[40..], head.Place.Sequence);
        signed[48] = (byte)head.Place.Kind;
        signed[49] = head.Data;
        signed[50] = head.Total;
        signed[51] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(signed[52..], head.MessageLength);
        BinaryPrimitives.WriteUInt16LittleEndian(signed[56..], head.ChunkLength);
        BinaryPrimitives.WriteUInt16LittleEndian(signed[58..], 0);
        root[..ChunkLayout.NodeLength].CopyTo(signed[60..]);
    }

    /// <summary>The digest that is signed.</summary>
    /// <param name="networkId">See <see cref="Wire.NetworkId"/>.</param>
    /// <param name="head">A head of any chunk of the segment.</param>
    /// <param name="root">The Merkle root, 20 bytes.</param>
    [SkipLocalsInit]
    public static Hash256 Digest(ulong networkId, in ChunkHead head, ReadOnlySpan<byte> root)
    {
        Span<byte> signed = stackalloc byte[SignedLength];
        Write(networkId, head, root, signed);
        Span<byte> digest = stackalloc byte[Sha256.DigestSize];
        Sha256.Hash(signed, default, digest);
        return Hash256.FromBytes(digest);
    }

    /// <summary>
    /// Recovers who signed. Stricter than a message's signature: s is low and v is 0 or 1, so that nobody but the
    /// signer can make a second signature from one.
    /// </summary>
    /// <returns>False if no key can have made it in this form.</returns>
    public static bool TryRecover(in Hash256 digest, ReadOnlySpan<byte> signature, out Address signer)
    {
        signer = default;
        return signature.Length == ChunkLayout.SignatureLength
            && signature[64] <= 1
            && UInt256.FromBigEndian(signature.Slice(32, 32)) <= HalfOrder
            && Secp256k1.TryRecover(digest, signature[..64], signature[64], out signer);
    }

    /// <summary>
    /// Reads what a chunk by itself proves: that a leader signed a root for a place. Two such chunks of one place with
    /// different roots are the evidence of an equivocation, and need no further context than the network's id.
    /// </summary>
    /// <param name="networkId">See <see cref="Wire.NetworkId"/>.</param>
    /// <param name="chunk">The whole chunk.</param>
    /// <param name="body">Takes the <see cref="SignedLength"/> bytes that were signed.</param>
    /// <param name="signed">What was signed and by whom, when the result is <see cref="Refusal.None"/>.</param>
    [SkipLocalsInit]
    public static Refusal TryReadSigned(
        ulong networkId, ReadOnlySpan<byte> chunk, Span<byte> body, out SignedChunk signed)
    {
        signed = default;
        Refusal refusal = ChunkHead.TryRead(chunk, out ChunkHead head);
        if (refusal != Refusal.None)
        {
            return refusal;
        }

        Span<byte> root = stackalloc byte[ChunkLayout.NodeLength];
        Span<byte> leaf = stackalloc byte[ChunkLayout.NodeLength];
        ChunkMerkle.HashLeaf(head.Content(chunk), leaf);
        ChunkMerkle.ComputeRoot(head.Index, leaf, head.Branch(chunk), root);
        Write(networkId, head, root, body);
        Hash256 digest = Digest(networkId, head, root);
        if (!TryRecover(digest, ChunkHead.Signature(chunk), out Address signer))
        {
            return Refusal.BadSignature;
        }

        signed = new SignedChunk(head, digest, signer);
        return Refusal.None;
    }
}

/// <summary>What a chunk by itself proves.</summary>
/// <param name="Head">The chunk's head: place, counts and lengths are signed.</param>
/// <param name="Digest">What was signed; different for two roots.</param>
/// <param name="Signer">Who signed it. The caller compares it with the block's leader.</param>
public readonly record struct SignedChunk(ChunkHead Head, Hash256 Digest, Address Signer);
