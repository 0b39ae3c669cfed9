using Fragcast.Node.Cli;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Node.Config;

/// <summary>What follows from a sequencer's secp256k1 key.</summary>
internal static class SequencerKeys
{
    /// <summary>The address that signatures of a key recover to.</summary>
    /// <param name="key">The key, 32 bytes.</param>
    /// <param name="origin">Where the key is from, for the message.</param>
    /// <exception cref="OperatorException">The bytes are no key: zero, or not below the curve's order.</exception>
    public static Address AddressOf(ReadOnlySpan<byte> key, string origin)
    {
        Span<byte> publicKey = stackalloc byte[64];
        return Secp256k1.TryGetPublicKey(key, publicKey)
            ? Secp256k1.AddressOf(publicKey)
            : throw new OperatorException($"{origin}: not a secp256k1 key: it is zero or not below the curve's order");
    }
}
