using System.Security.Cryptography;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Transport.Identity;

/// <summary>
/// The long-lived Ed25519 key of a node. It signs the key of the TLS certificate (and nothing else in a handshake),
/// and gives the node its <see cref="PeerId"/>.
/// </summary>
public sealed class HostIdentity
{
    /// <summary>Bytes of a seed, from which the key pair follows (RFC 8032).</summary>
    public const int SeedLength = Ed25519.SeedSize;

    private readonly byte[] _secretKey = new byte[Ed25519.SecretKeySize];

    private HostIdentity(ReadOnlySpan<byte> seed)
    {
        Span<byte> publicKey = stackalloc byte[Ed25519.PublicKeySize];
        Ed25519.FromSeed(seed, publicKey, _secretKey);
        Peer = PeerId.FromPublicKey(publicKey);
    }

    /// <summary>What peers know this node by.</summary>
    public PeerId Peer { get; }

    /// <summary>The identity of a seed of 32 secret bytes.</summary>
    /// <exception cref="NativeLibraryMissingException">libsodium is not installed.</exception>
    public static HostIdentity FromSeed(ReadOnlySpan<byte> seed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedLength);
        return new HostIdentity(seed);
    }

    /// <summary>A new identity from the system's random source, for nodes that need no lasting one.</summary>
    /// <exception cref="NativeLibraryMissingException">libsodium is not installed.</exception>
    public static HostIdentity Generate()
    {
        Span<byte> seed = stackalloc byte[SeedLength];
        RandomNumberGenerator.Fill(seed);
        return new HostIdentity(seed);
    }

    /// <summary>Signs with the host key; 64 bytes.</summary>
    internal void Sign(ReadOnlySpan<byte> message, Span<byte> signature) =>
        Ed25519.Sign(message, _secretKey, signature);

    /// <summary>
    /// A secret that only this identity can compute and that is the same after a restart, for one purpose named by
    /// the label: HMAC-SHA-256 keyed with the seed. 32 bytes.
    /// </summary>
    internal byte[] DeriveSecret(ReadOnlySpan<byte> label) =>
        HMACSHA256.HashData(_secretKey.AsSpan(0, SeedLength), label);
}
