using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Evm;

public sealed unsafe class HashCacheTests
{
    [Fact]
    public void Hash_ManyInputsTwice_EqualsKeccak()
    {
        var cache = new HashCache();
        var random = new Random(7);
        var input = stackalloc byte[HashCache.InputLength];
        var bytes = new Span<byte>(input, HashCache.InputLength);
        bytes.Clear();
        for (var i = 0; i < 40_000; i++)
        {
            // Zero first; then few bits set, in more inputs than there are places, some of them again.
            UInt256 hash;
            cache.Hash(input, &hash);
            Assert.Equal(Keccak256.Hash(bytes).ToUInt256(), hash);
            cache.Hash(input, &hash);
            Assert.Equal(Keccak256.Hash(bytes).ToUInt256(), hash);
            if (i % 5_000 == 0) cache.Clear();
            bytes.Clear();
            BitConverter.TryWriteBytes(bytes[(random.Next(8) * 8)..], random.Next(10_000));
        }
    }
}
