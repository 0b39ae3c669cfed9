using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Blocks;

/// <summary>The hashes of the last 256 blocks, as far as they were added. Not thread-safe.</summary>
public sealed class RecentBlockHashes : IBlockHashes
{
    private const int Window = 256;

    private readonly (ulong Number, Hash256 Hash, bool IsKnown)[] _hashes = new (ulong, Hash256, bool)[Window];

    /// <summary>Adds the hash of a block; it takes the place of the one 256 blocks before.</summary>
    public void Add(ulong number, in Hash256 hash) => _hashes[number % Window] = (number, hash, true);

    /// <inheritdoc/>
    /// <exception cref="StateUnavailableException">The hash was not added.</exception>
    public Hash256 HashOf(ulong number)
    {
        ref readonly (ulong Number, Hash256 Hash, bool IsKnown) entry = ref _hashes[number % Window];
        if (entry.IsKnown && entry.Number == number) return entry.Hash;
        throw new StateUnavailableException($"the hash of block {number} is not known");
    }
}
