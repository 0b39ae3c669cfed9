using BenchmarkDotNet.Attributes;
using Fragcast.Primitives;

namespace Fragcast.Perf.Micro;

/// <summary>Keccak-256 one message after the other and eight side by side; an operation is one message.</summary>
public class KeccakBenchmarks
{
    private const int Count = 1024;

    private readonly KeccakBatch<int> _batch;
    private byte[] _message = [];
    private ulong _sum;

    /// <summary>A batch whose digests are summed, so that they are used.</summary>
    public KeccakBenchmarks() => _batch = new KeccakBatch<int>(Take);

    /// <summary>Bytes of a message: a key, a leaf, a small and a full branch.</summary>
    [Params(32, 112, 340, 532)]
    public int Length { get; set; }

    /// <summary>Makes the message.</summary>
    [GlobalSetup]
    public void Setup() => _message = new byte[Length];

    /// <summary>One after the other.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public ulong Single()
    {
        for (int i = 0; i < Count; i++)
        {
            _message[0] = (byte)i;
            Take(i, Keccak256.Hash(_message));
        }

        return _sum;
    }

    /// <summary>Eight at once.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public ulong Batch()
    {
        for (int i = 0; i < Count; i++)
        {
            _message[0] = (byte)i;
            _batch.Add(i, _message);
        }

        _batch.Flush();
        return _sum;
    }

    private void Take(int tag, in Hash256 digest) => _sum += (ulong)tag + digest.Bytes[0];
}
