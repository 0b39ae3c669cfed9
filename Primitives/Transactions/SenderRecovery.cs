using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Transactions;

/// <summary>The signature rules that transactions and authorizations share.</summary>
internal static class SenderRecovery
{
    /// <summary>
    /// Recovers a signer. False if the parity is not 0 or 1, r or s is out of range, s is in the upper half (EIP-2), or
    /// no key can have made the signature.
    /// </summary>
    public static bool TryRecover(in Hash256 digest, in UInt256 r, in UInt256 s, byte yParity, out Address signer)
    {
        signer = default;
        if (yParity > 1 || r.IsZero || s.IsZero || !Secp256k1.IsLowS(s))
        {
            return false;
        }

        // An r of the group's order or above is refused by the library.
        Span<byte> rs = stackalloc byte[64];
        r.WriteBigEndian(rs);
        s.WriteBigEndian(rs[32..]);
        return Secp256k1.TryRecover(digest, rs, yParity, out signer);
    }
}
