using System.Diagnostics.CodeAnalysis;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Execution.Trie;

/// <summary>
/// Decodes a node from its RLP: total, as nodes come from files and peers. Nodes embedded in it are decoded with it,
/// which nests no deeper than their 31 bytes.
/// </summary>
internal static class NodeDecoder
{
    /// <summary>Decodes a node that stands at the end of <paramref name="prefix"/>.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> rlp, in Nibbles prefix, [NotNullWhen(true)] out TrieNode? node)
    {
        node = null;
        var reader = new RlpReader(rlp);
        if (!reader.TryReadList(out RlpReader items) || !reader.IsAtEnd) return false;
        if (!items.TryCountItems(out int count)) return false;
        return count switch
        {
            2 => TryDecodePath(ref items, prefix, out node),
            17 => TryDecodeBranch(ref items, prefix, out node),
            _ => false,
        };
    }

    private static bool TryDecodePath(ref RlpReader items, in Nibbles prefix, [NotNullWhen(true)] out TrieNode? node)
    {
        node = null;
        Nibbles path = prefix;
        if (!items.TryReadBytes(out ReadOnlySpan<byte> hexPrefix)) return false;
        if (!path.TryAppendHexPrefix(hexPrefix, out bool isLeaf)) return false;
        if (isLeaf)
        {
            if (!items.TryReadBytes(out ReadOnlySpan<byte> value) || value.IsEmpty) return false;
            node = new LeafNode(path, value.ToArray());
            return true;
        }

        if (path.Length == prefix.Length || !items.TryReadItem(out ReadOnlySpan<byte> item)) return false;
        if (!TryDecodeChild(item, path, out TrieNode? child, out NodeReference reference)) return false;
        if (child is not null and not BranchNode) return false;
        node = new ExtensionNode(path) { Child = child, Reference = reference };
        return true;
    }

    private static bool TryDecodeBranch(ref RlpReader items, in Nibbles prefix, [NotNullWhen(true)] out TrieNode? node)
    {
        node = null;
        var branch = new BranchNode();
        for (int nibble = 0; nibble < 16; nibble++)
        {
            if (!items.TryReadItem(out ReadOnlySpan<byte> item)) return false;
            if (item.Length == 1 && item[0] == 0x80) continue;
            if (prefix.Length == Nibbles.MaxLength) return false;
            Nibbles path = prefix;
            path.Append(nibble);
            if (!TryDecodeChild(item, path, out TrieNode? child, out NodeReference reference)) return false;
            branch.Put(nibble, child, reference);
        }

        if (!items.TryReadBytes(out ReadOnlySpan<byte> value)) return false;
        if (!value.IsEmpty) branch.Value = value.ToArray();
        node = branch;
        return true;
    }

    /// <summary>A child stands as its hash, a string of 32 bytes, or as the short list that it is.</summary>
    private static bool TryDecodeChild(
        ReadOnlySpan<byte> item, in Nibbles path, out TrieNode? child, out NodeReference reference)
    {
        child = null;
        reference = default;
        if (item.Length > NodeReference.Size) return false;
        item.CopyTo(reference);
        return reference.IsHash || (item.Length < 32 && TryDecode(item, path, out child));
    }
}
