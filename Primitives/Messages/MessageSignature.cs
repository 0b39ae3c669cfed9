using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Messages;

/// <summary>
/// Signatures of messages: 65 bytes r ‖ s ‖ v by secp256k1 over the digest of the SSZ union, without any prefix.
/// Source: based-op; the digest is sha256(hash_tree_root ‖ selector as 32 bytes, little-endian).
/// </summary>
public static class MessageSignature
{
    /// <summary>Bytes of a signature.</summary>
    public const int Length = 65;

    /// <summary>
    /// The digest that is signed: the union root of a message of which <paramref name="root"/> is the hash-tree-root.
    /// </summary>
    /// <param name="kind">What the message is.</param>
    /// <param name="root">Its hash-tree-root.</param>
    /// <param name="attempt">
    /// How often the block was cancelled before this message was made for it. It stands behind the selector, so that a
    /// message of the first attempt has based-op's digest and nobody can pass a void message off as one of a later
    /// attempt.
    /// </param>
    public static Hash256 Digest(MessageKind kind, in Hash256 root, byte attempt = 0)
    {
        Span<byte> selector = stackalloc byte[32];
        selector.Clear();
        selector[0] = (byte)kind;
        selector[1] = attempt;
        Span<byte> digest = stackalloc byte[32];
        Sha256.HashPair(root.Bytes, selector, digest);
        return Hash256.FromBytes(digest);
    }

    /// <summary>Signs a digest; the signature ends in v = 0 or 1.</summary>
    /// <param name="digest">From <see cref="Digest"/> or a message's <c>SigningDigest</c>.</param>
    /// <param name="key">The secret key, 32 bytes.</param>
    /// <param name="signature">Where the 65 bytes go.</param>
    public static void Sign(in Hash256 digest, ReadOnlySpan<byte> key, Span<byte> signature) =>
        Secp256k1.Sign(digest, key, signature[..Length]);

    /// <summary>
    /// The address whose key made a signature. Accepts v as 0, 1, 27 or 28. A signature says nothing by itself: any
    /// well-formed one recovers to some address, which the caller compares with the one it expects. For one message and
    /// key there are several valid signatures, so messages are told apart by their digest, not by their signature.
    /// </summary>
    /// <returns>False if the signature is not 65 bytes, or no key can have made it.</returns>
    public static bool TryRecoverSigner(in Hash256 digest, ReadOnlySpan<byte> signature, out Address signer)
    {
        signer = default;
        if (signature.Length != Length)
        {
            return false;
        }

        int recoveryId = signature[64] switch { 0 or 27 => 0, 1 or 28 => 1, _ => -1 };
        return recoveryId >= 0 && Secp256k1.TryRecover(digest, signature[..64], recoveryId, out signer);
    }
}
