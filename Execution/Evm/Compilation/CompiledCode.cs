using System.Diagnostics.CodeAnalysis;
using Fragcast.Execution.Evm.Analysis;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// The compiled regions of a code for a fork, by the block at which they start, and how often each was entered. Shared
/// by the machines that run the code; they may lose some of each other's counts, which does no harm.
/// </summary>
internal sealed class CompiledCode
{
    private readonly RegionBody?[] _regions;
    private readonly int[] _entries;
    private readonly int[] _claims;
    private readonly Lock _compiling = new();
    private FlowGraph? _flow;

    public CompiledCode(CodeEntry code, BlockMap map)
    {
        Code = code.Memory;
        Map = map;
        _regions = new RegionBody?[map.Blocks.Length];
        _entries = new int[map.Blocks.Length];
        _claims = new int[map.Blocks.Length];
    }

    /// <summary>The code, without padding.</summary>
    public ReadOnlyMemory<byte> Code { get; }

    public BlockMap Map { get; }

    /// <summary>The region that starts at a block, or null.</summary>
    public RegionBody? RegionAt(int block) =>

        // Keeps the region's code from being called before it is written.
        Volatile.Read(ref _regions[block]);

    /// <summary>The region that starts at a block, or null, to be entered: counts.</summary>
    public RegionBody? Enter(int block)
    {
        _entries[block]++;
        return RegionAt(block);
    }

    /// <summary>Takes it upon the caller to have a region compiled; false if somebody has already.</summary>
    public bool TryClaim(int block) => Interlocked.Exchange(ref _claims[block], 1) == 0;

    /// <summary>Gives a claim back.</summary>
    public void Disclaim(int block) => Volatile.Write(ref _claims[block], 0);

    /// <summary>Compiles the region that starts at a block, unless it is there. Any thread.</summary>
    /// <returns>The region.</returns>
    [RequiresDynamicCode("Emits IL.")]
    public RegionBody Compile(int block, RegionCache cache)
    {
        if (RegionAt(block) is { } known)
        {
            return known;
        }

        lock (_compiling)
        {
            if (_regions[block] is { } earlier)
            {
                return earlier;
            }

            _flow ??= new FlowGraph(Code.Span, Map);
            var region = RegionCompiler.Compile(Code, Map, _flow, Map.Blocks[block].Start, out var size);
            cache.Add(this, block, size);

            // Keeps the reference from being seen before the object behind it.
            Volatile.Write(ref _regions[block], region);
            return region;
        }
    }

    /// <summary>Forgets a region that was not entered often since the last time; else starts counting anew.</summary>
    /// <returns>Whether it was forgotten. A frame that is in it finishes with it.</returns>
    public bool TryEvict(int block, int entriesMin)
    {
        var isCold = _entries[block] < entriesMin;
        _entries[block] = 0;
        if (isCold)
        {
            Volatile.Write(ref _regions[block], null);
            Disclaim(block);
        }

        return isCold;
    }
}
