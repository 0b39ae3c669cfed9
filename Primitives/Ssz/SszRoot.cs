using System.Buffers.Binary;
using System.Diagnostics;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Ssz;

/// <summary>
/// Hash-tree-roots of the SSZ shapes the messages use (SSZ specification, "Merkleization"). Every function writes a
/// 32-byte root, allocates nothing and works on the serialized bytes in place.
/// </summary>
internal static class SszRoot
{
    /// <summary>Bytes of a chunk and of a root.</summary>
    public const int ChunkLength = 32;

    /// <summary>
    /// Root of a ByteList whose limit is 32 * 2^<paramref name="limitDepth"/> bytes, its length mixed in.
    /// </summary>
    public static void ByteList(ReadOnlySpan<byte> bytes, int limitDepth, Span<byte> root)
    {
        Span<byte> scratch = stackalloc byte[Merkleizer.ScratchLength(limitDepth)];
        if (limitDepth == 0)
        {
            Debug.Assert(bytes.Length <= ChunkLength, "The byte list is longer than its limit.");
            root[..ChunkLength].Clear();
            bytes.CopyTo(root);
        }
        else
        {
            var tree = new Merkleizer(limitDepth - 1, scratch, nodeDepth: 1);
            var rest = bytes;
            for (; rest.Length >= 2 * ChunkLength; rest = rest[(2 * ChunkLength)..])
            {
                tree.AddPair(rest[..(2 * ChunkLength)]);
            }

            if (!rest.IsEmpty)
            {
                Span<byte> last = stackalloc byte[2 * ChunkLength];
                last.Clear();
                rest.CopyTo(last);
                tree.AddPair(last);
            }

            tree.Finish(root);
        }

        MixInLength(root, (uint)bytes.Length);
    }

    /// <summary>
    /// Root of a container of which <paramref name="fields"/> are the roots of the fields, 32 bytes each.
    /// </summary>
    public static void Container(ReadOnlySpan<byte> fields, Span<byte> root)
    {
        Debug.Assert(fields.Length % ChunkLength == 0, "A container's fields are whole roots.");
        var count = fields.Length / ChunkLength;
        var depth = 0;
        while (1 << depth < count)
        {
            depth++;
        }

        Span<byte> scratch = stackalloc byte[Merkleizer.ScratchLength(depth)];
        var tree = new Merkleizer(depth, scratch);
        for (var i = 0; i < count; i++)
        {
            tree.Add(fields.Slice(i * ChunkLength, ChunkLength));
        }

        tree.Finish(root);
    }

    /// <summary>Replaces a list's root by the hash of it and the list's length.</summary>
    public static void MixInLength(Span<byte> root, ulong length)
    {
        Span<byte> chunk = stackalloc byte[ChunkLength];
        chunk.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(chunk, length);
        Sha256.HashPair(root, chunk, root);
    }

    /// <summary>Replaces a union value's root by the hash of it and the selector of its type.</summary>
    public static void MixInSelector(Span<byte> root, byte selector) => MixInLength(root, selector);
}
