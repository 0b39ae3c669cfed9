using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Transactions;

/// <summary>
/// A signed statement that an account runs the code of another (EIP-7702). Decoding bounds the fields only; one with a
/// wrong signature is legal in a transaction and without effect.
/// </summary>
/// <param name="ChainId">The chain it holds on; 0 for every chain.</param>
/// <param name="Address">The account whose code is meant; zero to clear.</param>
/// <param name="Nonce">The nonce the signing account must have.</param>
/// <param name="YParity">The parity of the signature, 0 or 1 if it is valid.</param>
/// <param name="R">Half of the signature.</param>
/// <param name="S">Half of the signature.</param>
public readonly record struct Authorization(
    UInt256 ChainId, Address Address, ulong Nonce, byte YParity, UInt256 R, UInt256 S)
{
    private const byte Magic = 0x05;

    /// <summary>What the authority signs: keccak(0x05 ‖ rlp([chainId, address, nonce])).</summary>
    public Hash256 SigningHash()
    {
        // Magic 1, list header 2, chain id 33, address 21, nonce 9: 66 bytes, so that the writer never rents.
        var writer = new RlpWriter(stackalloc byte[96]);
        writer.WriteRaw([Magic]);
        writer.StartList(RlpLength.Of(ChainId) + RlpLength.Of(Address.Bytes) + RlpLength.Of(Nonce));
        writer.Write(ChainId);
        writer.Write(Address);
        writer.Write(Nonce);
        return Keccak256.Hash(writer.Written);
    }

    /// <summary>
    /// The account that signed. False if the parity is not 0 or 1, s is in the upper half (EIP-2), or no key can have
    /// made the signature.
    /// </summary>
    public bool TryRecoverAuthority(out Address authority) =>
        SenderRecovery.TryRecover(SigningHash(), R, S, YParity, out authority);

    /// <summary>Signs an authorization.</summary>
    /// <param name="chainId">The chain it holds on; 0 for every chain.</param>
    /// <param name="address">The account whose code is meant.</param>
    /// <param name="nonce">The nonce of the signing account.</param>
    /// <param name="key">The secret key of the signing account, 32 bytes.</param>
    public static Authorization Sign(in UInt256 chainId, in Address address, ulong nonce, ReadOnlySpan<byte> key)
    {
        var unsigned = new Authorization(chainId, address, nonce, 0, default, default);
        Span<byte> signature = stackalloc byte[Secp256k1.SignatureSize];
        Secp256k1.Sign(unsigned.SigningHash(), key, signature);
        return unsigned with
        {
            YParity = signature[64],
            R = UInt256.FromBigEndian(signature[..32]),
            S = UInt256.FromBigEndian(signature[32..64]),
        };
    }
}
