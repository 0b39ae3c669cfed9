using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Primitives;

namespace Fragcast.Gossip.Wire;

/// <summary>Names a network: the chain and the block that all its nodes start from.</summary>
public static class NetworkId
{
    /// <summary>The first eight bytes of SHA-256(chain id as u64 little endian ‖ anchor hash), little endian.</summary>
    /// <param name="chainId">The chain's id.</param>
    /// <param name="anchorHash">Hash of the block that every node of the network starts from.</param>
    public static ulong Of(ulong chainId, in Hash256 anchorHash)
    {
        Span<byte> input = stackalloc byte[sizeof(ulong) + 32];
        BinaryPrimitives.WriteUInt64LittleEndian(input, chainId);
        anchorHash.Bytes.CopyTo(input[sizeof(ulong)..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}
