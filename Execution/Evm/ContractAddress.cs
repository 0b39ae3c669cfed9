using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>Addresses of contracts to create.</summary>
public static class ContractAddress
{
    /// <summary>
    /// Address of a contract created by CREATE or by a transaction: keccak256(rlp([creator, nonce])), low 20 bytes.
    /// </summary>
    /// <param name="creator">The creating account.</param>
    /// <param name="nonce">Its nonce before the creation increments it.</param>
    public static Address FromNonce(in Address creator, ulong nonce)
    {
        // List header, 0x80 + 20, address; then the nonce as a minimal integer of up to 8 bytes with its own header.
        Span<byte> rlp = stackalloc byte[1 + 1 + Address.Size + 9];
        rlp[1] = 0x80 + Address.Size;
        creator.CopyTo(rlp[2..]);
        var length = 2 + Address.Size;
        if (nonce is > 0 and < 0x80)
        {
            rlp[length++] = (byte)nonce;
        }
        else
        {
            var bytes = new UInt256(nonce).ByteLength;
            rlp[length++] = (byte)(0x80 + bytes);
            for (var i = bytes - 1; i >= 0; i--)
            {
                rlp[length++] = (byte)(nonce >> (8 * i));
            }
        }

        rlp[0] = (byte)(0xC0 + length - 1);
        return FromHash(Keccak256.Hash(rlp[..length]));
    }

    /// <summary>
    /// Address of a contract created by CREATE2 (EIP-1014): keccak256(0xff ‖ creator ‖ salt ‖ keccak256(initCode)).
    /// </summary>
    public static Address FromSalt(in Address creator, in UInt256 salt, ReadOnlySpan<byte> initCode)
    {
        Span<byte> preimage = stackalloc byte[1 + Address.Size + 32 + 32];
        preimage[0] = 0xFF;
        creator.CopyTo(preimage[1..]);
        salt.WriteBigEndian(preimage[21..]);
        Keccak256.Hash(initCode, preimage[53..]);
        return FromHash(Keccak256.Hash(preimage));
    }

    private static Address FromHash(in Hash256 hash) => Address.FromBytes(hash.Bytes[12..]);
}
