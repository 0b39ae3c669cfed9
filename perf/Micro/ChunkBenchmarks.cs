using BenchmarkDotNet.Attributes;
using Fragcast.Gossip.Chunks.Coding;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Perf.Micro;

/// <summary>Reed-Solomon by the length of the chunks and the number of rows, and by the kind of instruction.</summary>
public class ReedSolomonBenchmarks
{
    private const int Data = 36;

    private byte[] _memory = [];
    private ReedSolomon _code = new();
    private byte[] _have = [];
    private byte[] _want = [];
    private nint[] _inputs = [];
    private nint[] _outputs = [];

    /// <summary>Bytes of a chunk.</summary>
    [Params(250, 1187)]
    public int Length { get; set; }

    /// <summary>Parity chunks that are made.</summary>
    [Params(1, 8, 32)]
    public int Rows { get; set; }

    /// <summary>The instructions; those that the processor lacks are replaced by the best that it has.</summary>
    [Params(FieldPath.Shuffle128, FieldPath.Shuffle256, FieldPath.Gfni512)]
    public FieldPath Path { get; set; }

    /// <summary>Places the chunks.</summary>
    [GlobalSetup]
    public unsafe void Setup()
    {
        _code = ReedSolomon.IsSupported(Path) ? new ReedSolomon(Path) : new ReedSolomon();
        _memory = GC.AllocateArray<byte>((Data + Rows) * Length, pinned: true);
        new Random(1).NextBytes(_memory);
        fixed (byte* first = _memory)
        {
            byte* start = first;
            _inputs = [.. Enumerable.Range(0, Data).Select(i => (nint)(start + (i * Length)))];
            _outputs = [.. Enumerable.Range(Data, Rows).Select(i => (nint)(start + (i * Length)))];
        }

        _have = [.. Enumerable.Range(0, Data).Select(i => (byte)i)];
        _want = [.. Enumerable.Range(Data, Rows).Select(i => (byte)i)];
    }

    /// <summary>All parity chunks.</summary>
    [Benchmark]
    public byte Encode()
    {
        _code.Compute(_have, _inputs, _want, _outputs, Length);
        return _memory[^1];
    }
}

/// <summary>The hashes of a Merkle tree over chunks.</summary>
public class ChunkHashBenchmarks
{
    private readonly byte[] _digest = new byte[Sha256.DigestSize];
    private byte[] _data = [];

    /// <summary>Bytes of a chunk.</summary>
    [Params(250, 1187)]
    public int Length { get; set; }

    /// <summary>Makes the chunk.</summary>
    [GlobalSetup]
    public void Setup() => _data = new byte[Length];

    /// <summary>A leaf by OpenSSL's low-level functions.</summary>
    [Benchmark(Baseline = true)]
    public byte Leaf()
    {
        Sha256.Hash([0], _data, _digest);
        return _digest[0];
    }

    /// <summary>A leaf by .NET.</summary>
    [Benchmark]
    public byte LeafByDotNet()
    {
        System.Security.Cryptography.SHA256.HashData(_data, _digest);
        return _digest[0];
    }

    /// <summary>An inner node.</summary>
    [Benchmark]
    public byte Inner()
    {
        Sha256.HashBlock(_data.AsSpan(0, 41), _digest);
        return _digest[0];
    }
}
