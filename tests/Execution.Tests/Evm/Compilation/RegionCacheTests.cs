using Fragcast.Execution.Evm;
using Fragcast.Execution.Evm.Compilation;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm.Compilation;

public sealed class RegionCacheTests
{
    // Blocks that jump nowhere: a region each.
    private static readonly byte[] ManyBlocks = [.. Enumerable.Repeat((byte)Opcode.JumpDest, 64), (byte)Opcode.Stop];

    [Fact]
    public void Compile_MoreThanFits_ForgetsTheLeastEntered()
    {
        var cache = new RegionCache(sizeMax: 10 * RegionCache.SizeLeast);
        var code = Code();
        for (var block = 0; block < 64; block++)
        {
            code.Compile(block, cache);
            for (var i = 0; i < 100; i++)
            {
                code.Enter(0);
            }
        }

        Assert.InRange(cache.Size, 1, 10 * RegionCache.SizeLeast);
        Assert.NotEqual(0, cache.Evicted);
        Assert.NotNull(code.RegionAt(0));
        Assert.Null(code.RegionAt(1));
        Assert.NotNull(code.RegionAt(63));
    }

    [Fact]
    public void TryClaim_UntilEvicted_SucceedsOnce()
    {
        var cache = new RegionCache(sizeMax: long.MaxValue);
        var code = Code();
        Assert.True(code.TryClaim(3));
        Assert.False(code.TryClaim(3));
        code.Compile(3, cache);
        Assert.True(code.TryEvict(3, entriesMin: 1));
        Assert.Null(code.RegionAt(3));
        Assert.True(code.TryClaim(3));
    }

    [Fact]
    public async Task Compile_SameBlockOnTwoThreads_SameRegion()
    {
        var cache = new RegionCache(sizeMax: long.MaxValue);
        var code = Code();
        var regions = await Task.WhenAll(
            Task.Run(() => code.Compile(5, cache)),
            Task.Run(() => code.Compile(5, cache))).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Same(regions[0], regions[1]);
        Assert.Equal(1, cache.Compiled);
    }

    private static CompiledCode Code()
    {
        var entry = new CodeEntry(ManyBlocks, Keccak256.Hash(ManyBlocks));
        return entry.CompiledFor(EvmSpec.For(Fork.Osaka).Instructions);
    }
}
