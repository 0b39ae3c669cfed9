using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// Trie nodes and contract codes by their Keccak-256, from the witnesses of one or several blocks. Which of them are
/// nodes and which are codes, only their use tells. What is asked for by hash can be had from any witness, so that
/// the witnesses of consecutive blocks can be merged. Several threads may read while none adds.
/// </summary>
public sealed class WitnessStore : IPreimageStore
{
    private readonly Dictionary<Hash256, ReadOnlyMemory<byte>> _byHash = [];

    /// <summary>Number of different entries.</summary>
    public int Count => _byHash.Count;

    /// <summary>All entries, in no particular order.</summary>
    public IReadOnlyCollection<ReadOnlyMemory<byte>> Preimages => _byHash.Values;

    /// <summary>Adds a node or a code; one that is there already stays.</summary>
    /// <param name="preimage">Kept, not copied.</param>
    /// <returns>Its hash.</returns>
    public Hash256 Add(ReadOnlyMemory<byte> preimage)
    {
        Hash256 hash = Keccak256.Hash(preimage.Span);
        _byHash.TryAdd(hash, preimage);
        return hash;
    }

    /// <summary>Adds all entries of another store.</summary>
    public void Merge(WitnessStore other)
    {
        foreach ((Hash256 hash, ReadOnlyMemory<byte> preimage) in other._byHash) _byHash.TryAdd(hash, preimage);
    }

    /// <inheritdoc/>
    public bool TryGet(in Hash256 hash, out ReadOnlyMemory<byte> preimage) =>
        _byHash.TryGetValue(hash, out preimage);
}
