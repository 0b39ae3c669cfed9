using System.Security.Cryptography;
using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Differential;

/// <summary>Blobs of zeros: their commitment and proofs are the point at infinity.</summary>
internal static class Blobs
{
    private const int BlobSize = 131_072;
    private const int CellsPerBlob = 128;
    private const int PointSize = 48;
    private static readonly byte[] Infinity = [0xc0, .. new byte[PointSize - 1]];

    /// <summary>The versioned hash of a blob of zeros.</summary>
    public static Hash256 EmptyBlobHash { get; } = Hash256.FromBytes([1, .. SHA256.HashData(Infinity)[1..]]);

    /// <summary>A blob transaction as it travels between nodes: with its blobs (EIP-4844, EIP-7594).</summary>
    public static byte[] WithSidecar(ReadOnlySpan<byte> transaction, int count, bool hasCellProofs)
    {
        var writer = new RlpWriter((count + 1) * (BlobSize + 8_192));
        try
        {
            writer.WriteRaw(transaction[..1]);
            writer.StartList();
            writer.WriteRaw(transaction[1..]);
            if (hasCellProofs) writer.Write(1UL);
            WriteList(ref writer, count, new byte[BlobSize]);
            WriteList(ref writer, count, Infinity);
            WriteList(ref writer, hasCellProofs ? count * CellsPerBlob : count, Infinity);
            writer.EndList();
            return writer.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static void WriteList(ref RlpWriter writer, int count, byte[] item)
    {
        writer.StartList();
        for (int i = 0; i < count; i++) writer.Write(item);
        writer.EndList();
    }
}
