using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Execution.Trie;

/// <summary>
/// Encodes nodes. Instances on disjoint subtrees of one trie may run in parallel.
/// </summary>
internal sealed class NodeEncoder
{
    /// <summary>A branch of sixteen hashes without a value: 3 bytes of prefix, 16 references, one byte.</summary>
    private const int FullBranchLength = 3 + 16 * NodeReference.Size + 1;

    private const byte EmptyItem = 0x80;

    private byte[] _buffer = new byte[FullBranchLength];

    /// <summary>The RLP of a node whose children's references are up to date; valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode(TrieNode node, int depth) => node switch
    {
        LeafNode leaf => EncodePath(leaf.Path, depth, leaf.Value),
        ExtensionNode extension => EncodeExtension(extension, depth),
        _ => EncodeBranch((BranchNode)node),
    };

    /// <summary>The RLP of a leaf that stands at the given depth; valid until the next call.</summary>
    public ReadOnlySpan<byte> EncodePath(scoped in Nibbles path, int depth, scoped ReadOnlySpan<byte> value)
    {
        Span<byte> hexPrefix = stackalloc byte[Nibbles.MaxHexPrefixLength];
        hexPrefix = hexPrefix[..path.EncodeHexPrefix(depth, isLeaf: true, hexPrefix)];
        RlpWriter writer = Start(RlpLength.Of(hexPrefix) + RlpLength.Of(value));
        writer.Write(hexPrefix);
        writer.Write(value);
        return writer.Written;
    }

    /// <summary>The RLP of an extension that stands at the given depth; valid until the next call.</summary>
    public ReadOnlySpan<byte> EncodePath(scoped in Nibbles path, int depth, scoped in NodeReference child)
    {
        Span<byte> hexPrefix = stackalloc byte[Nibbles.MaxHexPrefixLength];
        hexPrefix = hexPrefix[..path.EncodeHexPrefix(depth, isLeaf: false, hexPrefix)];
        RlpWriter writer = Start(RlpLength.Of(hexPrefix) + child.Length);
        writer.Write(hexPrefix);
        writer.WriteRaw(child.Bytes);
        return writer.Written;
    }

    /// <summary>The RLP of a branch; valid until the next call.</summary>
    /// <param name="references">The children's references by nibble; those that are not present are not read.</param>
    /// <param name="present">One bit per nibble.</param>
    /// <param name="value">Empty for none.</param>
    public ReadOnlySpan<byte> EncodeBranch(
        scoped ReadOnlySpan<NodeReference> references, int present, scoped ReadOnlySpan<byte> value)
    {
        int payload = 16 - BitOperations.PopCount((uint)present) + RlpLength.Of(value);
        for (int bits = present; bits != 0; bits &= bits - 1)
            payload += references[BitOperations.TrailingZeroCount(bits)].Length;
        RlpWriter writer = Start(payload, NodeReference.Size);
        int at = writer.Length;

        // References have one size in memory: each is copied whole, and the next one goes over what is too much.
        ref byte start = ref MemoryMarshal.GetArrayDataReference(_buffer);
        for (int nibble = 0; nibble < 16; nibble++)
        {
            if ((present & (1 << nibble)) == 0)
            {
                Unsafe.Add(ref start, at++) = EmptyItem;
                continue;
            }

            Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, at), references[nibble]);
            at += references[nibble].Length;
        }

        if (value.IsEmpty)
        {
            _buffer[at++] = EmptyItem;
            return _buffer.AsSpan(0, at);
        }

        var tail = new RlpWriter(_buffer.AsSpan(at));
        tail.Write(value);
        return _buffer.AsSpan(0, at + tail.Length);
    }

    private ReadOnlySpan<byte> EncodeExtension(ExtensionNode extension, int depth)
    {
        Debug.Assert(!extension.IsDirty, "A node is encoded after its child.");
        return EncodePath(extension.Path, depth, extension.Reference);
    }

    private ReadOnlySpan<byte> EncodeBranch(BranchNode branch)
    {
        Debug.Assert(branch.Dirty == 0, "A node is encoded after its children.");
        return EncodeBranch(branch.References, branch.Present, branch.Value);
    }

    private RlpWriter Start(int payloadLength, int slack = 0)
    {
        // The writer reserves room for the longest header before it knows the length of the header.
        int size = RlpLength.OfList(payloadLength) + sizeof(int) + slack;
        if (_buffer.Length < size) _buffer = new byte[Math.Max(size, _buffer.Length * 2)];
        var writer = new RlpWriter(_buffer);
        writer.StartList(payloadLength);
        return writer;
    }
}
