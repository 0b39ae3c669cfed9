using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// Byte strings by their Keccak-256: the trie nodes, and for a <see cref="StateTrie"/> also the codes, that a partial
/// state knows only by hash. A trie asks at most once for each: what was resolved stays resident. Several threads may
/// ask at once, while nothing is added.
/// </summary>
public interface IPreimageStore
{
    /// <summary>Finds the bytes with a given hash.</summary>
    /// <param name="hash">Their Keccak-256.</param>
    /// <param name="preimage">
    /// The bytes, unchanged as long as the store lives; the caller does not check them again.
    /// </param>
    /// <returns>False when the store does not have them.</returns>
    bool TryGet(in Hash256 hash, out ReadOnlyMemory<byte> preimage);
}

/// <summary>The store of a state that is wholly resident: it has nothing to add.</summary>
public sealed class EmptyPreimageStore : IPreimageStore
{
    /// <summary>The one instance; it has no state.</summary>
    public static readonly EmptyPreimageStore Instance = new();

    private EmptyPreimageStore()
    {
    }

    /// <inheritdoc/>
    public bool TryGet(in Hash256 hash, out ReadOnlyMemory<byte> preimage)
    {
        preimage = default;
        return false;
    }
}
