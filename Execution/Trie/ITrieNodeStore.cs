using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// Where a partial trie finds the nodes that it holds only as a hash. Asked at most once per node: what was resolved
/// stays resident.
/// </summary>
public interface ITrieNodeStore
{
    /// <summary>Finds the RLP of the node with the given Keccak-256 hash.</summary>
    /// <param name="hash">Hash of the node.</param>
    /// <param name="rlp">The node; the trie copies what it keeps, and does not check the hash again.</param>
    /// <returns>False when the store does not have the node.</returns>
    bool TryGet(in Hash256 hash, out ReadOnlyMemory<byte> rlp);
}

/// <summary>The store of a trie that is wholly resident: it has nothing to add.</summary>
public sealed class EmptyNodeStore : ITrieNodeStore
{
    /// <summary>The one instance; it has no state.</summary>
    public static readonly EmptyNodeStore Instance = new();

    private EmptyNodeStore()
    {
    }

    /// <inheritdoc/>
    public bool TryGet(in Hash256 hash, out ReadOnlyMemory<byte> rlp)
    {
        rlp = default;
        return false;
    }
}
