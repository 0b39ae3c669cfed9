using Fragcast.Execution.State;

namespace Fragcast.Execution.Trie;

/// <summary>Finds nodes: resident ones by walking, others in the store, where they become resident.</summary>
internal static class TrieReader
{
    /// <summary>Finds the value of a key below a node at depth 0.</summary>
    /// <returns>The value, or nothing when the key is not there.</returns>
    /// <exception cref="StateUnavailableException">A node on the way is in no witness.</exception>
    public static ReadOnlySpan<byte> Find(IPreimageStore store, TrieNode? root, scoped in Nibbles key)
    {
        TrieNode? node = root;
        int depth = 0;
        while (true)
        {
            switch (node)
            {
                case null:
                    return default;
                case LeafNode leaf:
                    return Nibbles.Compare(leaf.Path, key) == 0 ? leaf.Value : default;
                case ExtensionNode extension:
                    if (!key.StartsWith(extension.Path, depth)) return default;
                    depth = extension.Path.Length;
                    node = extension.Child ??= Resolve(store, extension.Reference, extension.Path);
                    continue;
            }

            var branch = (BranchNode)node;
            if (depth == key.Length) return branch.Value;
            int nibble = key[depth++];
            if ((branch.Present & (1 << nibble)) == 0) return default;
            node = branch.Children[nibble] ??= Resolve(store, branch.References[nibble], key.Prefix(depth));
        }
    }

    /// <summary>Takes a node that stands at the end of <paramref name="prefix"/> from the store.</summary>
    /// <exception cref="StateUnavailableException">
    /// The store does not have it, or it is no trie node of that place.
    /// </exception>
    public static TrieNode Resolve(IPreimageStore store, in NodeReference reference, in Nibbles prefix)
    {
        if (!store.TryGet(reference.Hash, out ReadOnlyMemory<byte> rlp))
            throw new StateUnavailableException("trie node", reference.Hash);
        if (!NodeDecoder.TryDecode(rlp.Span, prefix, out TrieNode? node))
            throw new StateUnavailableException("a well-formed trie node", reference.Hash);
        return node;
    }
}
