using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Primitives;

/// <summary>
/// Gathers messages and hashes eight at once where the processor can, one after the other where it can't. Messages of
/// like length go through together. Keeps its buffers from use to use; not thread-safe.
/// </summary>
/// <typeparam name="TTag">What tells the caller which message a digest is of.</typeparam>
public sealed class KeccakBatch<TTag>
{
    /// <summary>
    /// The longest message that is hashed beside others: four blocks, which hold a trie's full branch. Longer ones are
    /// hashed by themselves.
    /// </summary>
    public const int LengthMax = ClassCount * KeccakState.Rate - 1;

    private const int ClassCount = 4;

    // With fewer messages than this, one after the other is faster: measured, three single ones cost one of eight.
    private const int WorthIt = 3;

    private readonly Class[] _classes = new Class[ClassCount];
    private readonly Hash256[] _digests = new Hash256[KeccakLanes.Width];

    /// <summary>Takes the digest of a message.</summary>
    public delegate void Receiver(TTag tag, in Hash256 digest);

    private readonly Receiver _receiver;

    /// <summary>
    /// A batch whose digests go to <paramref name="receiver"/>: those of messages with the same number of blocks of 136
    /// bytes in the order in which they were added.
    /// </summary>
    public KeccakBatch(Receiver receiver)
    {
        _receiver = receiver;
        for (int i = 0; i < ClassCount; i++) _classes[i] = new Class(i + 1);
    }

    /// <summary>Adds a message; its digest, and those of others, may be delivered before this returns.</summary>
    /// <param name="tag">Given back with the digest.</param>
    /// <param name="message">Copied.</param>
    public void Add(TTag tag, ReadOnlySpan<byte> message)
    {
        if (message.Length > LengthMax || !KeccakLanes.IsSupported)
        {
            _receiver(tag, Keccak256.Hash(message));
            return;
        }

        Class group = _classes[message.Length / KeccakState.Rate];
        if (group.Add(tag, message) == KeccakLanes.Width) Flush(group);
    }

    /// <summary>Delivers the digests of all messages that are left.</summary>
    public void Flush()
    {
        foreach (Class group in _classes) Flush(group);
    }

    private void Flush(Class group)
    {
        if (group.Count == 0) return;
        if (group.Count < WorthIt) group.HashSingly(_digests);
        else group.HashTogether(_digests);
        for (int i = 0; i < group.Count; i++) _receiver(group.Tags[i], _digests[i]);
        group.Count = 0;
    }

    /// <summary>Messages of one number of blocks.</summary>
    private sealed class Class(int blocks)
    {
        private readonly byte[] _bytes = new byte[KeccakLanes.Width * blocks * KeccakState.Rate];
        private readonly int[] _lengths = new int[KeccakLanes.Width];
        private readonly byte[] _blocks = [.. Enumerable.Repeat((byte)blocks, KeccakLanes.Width)];

        public TTag[] Tags { get; } = new TTag[KeccakLanes.Width];

        public int Count { get; set; }

        private int Stride => blocks * KeccakState.Rate;

        public int Add(TTag tag, ReadOnlySpan<byte> message)
        {
            Span<byte> slot = _bytes.AsSpan(Count * Stride, Stride);
            message.CopyTo(slot);
            slot[message.Length..].Clear();
            slot[message.Length] = 0x01;
            slot[^1] |= 0x80;
            Tags[Count] = tag;
            _lengths[Count] = message.Length;
            return ++Count;
        }

        public void HashSingly(Span<Hash256> digests)
        {
            for (int i = 0; i < Count; i++) digests[i] = Keccak256.Hash(_bytes.AsSpan(i * Stride, _lengths[i]));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void HashTogether(Span<Hash256> digests) =>
            KeccakLanes.Hash(ref MemoryMarshal.GetArrayDataReference(_bytes), Stride, _blocks, digests);
    }
}
