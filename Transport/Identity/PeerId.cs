using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Transport.Identity;

/// <summary>
/// The identity of a peer: its Ed25519 public key, in libp2p's terms the identity multihash of the key's protobuf
/// form (libp2p peer-ids specification), in text the 52 characters that begin with 12D3KooW.
/// </summary>
public readonly struct PeerId : IEquatable<PeerId>, IComparable<PeerId>
{
    /// <summary>Bytes of the public key.</summary>
    public const int KeyLength = 32;

    /// <summary>Bytes of the binary form, the multihash.</summary>
    public const int MultihashLength = KeyLength + 6;

    private readonly KeyBytes _key;

    private PeerId(ReadOnlySpan<byte> key) => key.CopyTo(_key);

    // Multihash: code 0x00 (identity), length 0x24. Protobuf: field 1 varint 1 (Ed25519), field 2 of 32 bytes.
    private static ReadOnlySpan<byte> MultihashPrefix => [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

    /// <summary>The Ed25519 public key, 32 bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> PublicKey => _key;

    /// <summary>True for the default value, which is nobody's identity.</summary>
    public bool IsNone => PublicKey.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>The identity of an Ed25519 public key of 32 bytes.</summary>
    public static PeerId FromPublicKey(ReadOnlySpan<byte> publicKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(publicKey.Length, KeyLength);
        return new PeerId(publicKey);
    }

    /// <summary>Reads the binary form, 38 bytes; false for anything that is not an Ed25519 identity.</summary>
    public static bool TryFromMultihash(ReadOnlySpan<byte> multihash, out PeerId peer)
    {
        peer = default;
        if (multihash.Length != MultihashLength || !multihash.StartsWith(MultihashPrefix))
        {
            return false;
        }

        peer = new PeerId(multihash[MultihashPrefix.Length..]);
        return true;
    }

    /// <summary>Reads the text form (base58btc); false for other text, and for keys other than Ed25519.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PeerId peer)
    {
        Span<byte> multihash = stackalloc byte[MultihashLength];
        peer = default;
        return Base58.TryDecode(text, multihash) && TryFromMultihash(multihash, out peer);
    }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="FormatException">The text is not an Ed25519 peer id.</exception>
    public static PeerId Parse(ReadOnlySpan<char> text) => TryParse(text, out PeerId peer)
        ? peer
        : throw new FormatException($"'{text}' is not a peer id (expected 52 characters that begin with 12D3KooW)");

    /// <summary>Writes the binary form, 38 bytes.</summary>
    public void WriteMultihash(Span<byte> destination)
    {
        MultihashPrefix.CopyTo(destination);
        PublicKey.CopyTo(destination[MultihashPrefix.Length..]);
    }

    /// <inheritdoc/>
    public bool Equals(PeerId other) => PublicKey.SequenceEqual(other.PublicKey);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PeerId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // A public key is uniformly distributed except for keys ground by their owner, whom the process-wide seed
        // of HashCode keeps from aiming at a hash table.
        ReadOnlySpan<ulong> limbs = MemoryMarshal.Cast<byte, ulong>(PublicKey);
        return HashCode.Combine(limbs[0], limbs[1], limbs[2], limbs[3]);
    }

    /// <summary>Orders by the bytes of the key.</summary>
    public int CompareTo(PeerId other) => PublicKey.SequenceCompareTo(other.PublicKey);

    /// <summary>The text form, 52 characters.</summary>
    public override string ToString()
    {
        Span<byte> multihash = stackalloc byte[MultihashLength];
        WriteMultihash(multihash);
        return Base58.Encode(multihash);
    }

    /// <summary>Same key.</summary>
    public static bool operator ==(PeerId left, PeerId right) => left.Equals(right);

    /// <summary>Another key.</summary>
    public static bool operator !=(PeerId left, PeerId right) => !left.Equals(right);

    [InlineArray(KeyLength)]
    private struct KeyBytes
    {
        private byte _first;
    }
}
