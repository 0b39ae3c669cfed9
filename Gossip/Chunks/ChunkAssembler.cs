using System.Diagnostics;
using System.Runtime.CompilerServices;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks.Coding;
using Fragcast.Gossip.Chunks.Proofs;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Chunks;

/// <summary>
/// Puts a segment together from chunks that <see cref="ChunkVerifier"/> accepted. Chunks stay in the buffers in which
/// they came until they are enough; then each data chunk is copied once, to its place in the message, and what is
/// missing is computed straight into its place. With all data chunks there nothing is computed. Allocates nothing after
/// construction. One thread.
/// </summary>
/// <remarks>
/// <para>
/// A message is what its data chunks are: those that lead to the signed root. A leader may sign a tree in which parity
/// does not fit the data; two nodes with different chunks would then decode different messages. So what was decoded is
/// hashed and compared with the tree. It is accepted only if it equals the data chunks that the leader signed; every
/// node that accepts a message for a root accepts the same. If it is refused, the parity of this item is worthless and
/// the message can still be had from its data chunks alone.
/// </para>
/// <para>
/// That check needs no chunk again that is there: the branch of each names the nodes beside its way to the root. Every
/// decoded chunk is below one of these that has no received chunk below it, and only such subtrees are hashed. Where
/// one of them has parity beside data, that is computed too.
/// </para>
/// </remarks>
public sealed unsafe class ChunkAssembler
{
    private readonly ReedSolomon _code = new();
    private readonly ChunkTree _tree = new();
    private readonly ChunkSource _source = new();
    private readonly byte[] _scratch =
        GC.AllocateUninitializedArray<byte>(ChunkLayout.TotalMax * ChunkLayout.ChunkLengthMax, pinned: true);

    private readonly byte[] _want = new byte[ChunkLayout.TotalMax];
    private readonly nint[] _outputs = new nint[ChunkLayout.TotalMax];
    private readonly Subtree[] _subtrees = new Subtree[ChunkLayout.TotalMax];
    private int _wantCount;
    private int _subtreeCount;

    /// <summary>A subtree without any chunk that is there, and the chunk whose branch names its top.</summary>
    private readonly record struct Subtree(int First, int Levels, int Witness);

    /// <summary>Bytes decoded by the last call: 0 when all data chunks were there.</summary>
    public int DecodedBytes { get; private set; }

    /// <summary>Where a segment belongs in its message, and how long that is.</summary>
    /// <param name="chunk">Any accepted chunk of it.</param>
    /// <param name="start">Where the segment begins.</param>
    /// <param name="messageLength">Bytes of the whole message.</param>
    public static void Locate(ReadOnlySpan<byte> chunk, out int start, out int messageLength)
    {
        Refusal refusal = ChunkHead.TryRead(chunk, out ChunkHead head);
        Debug.Assert(refusal == Refusal.None, "The chunk was accepted.");
        start = head.SegmentStart;
        messageLength = head.MessageLength;
    }

    /// <summary>Puts a segment together.</summary>
    /// <param name="item">The item.</param>
    /// <param name="chunks">By index, accepted ones, unchanged since but for duty and flags.</param>
    /// <param name="have">Which are there.</param>
    /// <param name="segment">Takes <see cref="ItemHeader.Length"/> bytes.</param>
    /// <returns>
    /// None; Truncated if the chunks are too few, which is the caller's error; ChunkParity or ChunkPadding if the
    /// leader signed parity that does not fit the data, and only data chunks help. The segment's bytes mean nothing
    /// then.
    /// </returns>
    public Refusal TryAssemble(
        in ItemHeader item, ReadOnlySpan<BufferLease> chunks, in ChunkSet have, Span<byte> segment)
    {
        DecodedBytes = 0;
        if (!_source.TrySet(item, chunks, have))
        {
            return Refusal.Truncated;
        }

        _wantCount = 0;
        _subtreeCount = 0;
        ChunkHead head = _source.Head;
        segment = segment[..item.Length];
        for (int i = 0; i < item.Data; i++)
        {
            byte* found = _source.Find(i);
            int at = i * head.ChunkLength;
            if (found is not null)
            {
                int length = Math.Min(head.ChunkLength, item.Length - at);
                new ReadOnlySpan<byte>(found, length).CopyTo(segment[at..]);
            }
            else
            {
                AddSubtreeOf(i);
            }
        }

        return _subtreeCount == 0 ? Refusal.None : Decode(head, chunks, segment);
    }

    /// <summary>Notes what has to be computed so that a data chunk can be compared with the tree.</summary>
    private void AddSubtreeOf(int index)
    {
        if (_subtreeCount > 0)
        {
            Subtree before = _subtrees[_subtreeCount - 1];
            if (index >> before.Levels == before.First >> before.Levels)
            {
                return;
            }
        }

        int levels = 0;
        int witness;
        while (!TryFindIn(((index >> levels) ^ 1) << levels, 1 << levels, out witness))
        {
            levels++;
        }

        int first = index >> levels << levels;
        _subtrees[_subtreeCount++] = new Subtree(first, levels, witness);
        int end = Math.Min(first + (1 << levels), _source.Head.Total);
        for (int i = first; i < end; i++)
        {
            _want[_wantCount++] = (byte)i;
        }
    }

    private bool TryFindIn(int first, int count, out int found)
    {
        int end = Math.Min(first + count, _source.Head.Total);
        for (found = first; found < end; found++)
        {
            if (_source.IsThere(found))
            {
                return true;
            }
        }

        return false;
    }

    [SkipLocalsInit]
    private Refusal Decode(in ChunkHead head, ReadOnlySpan<BufferLease> chunks, Span<byte> segment)
    {
        fixed (byte* message = segment)
        fixed (byte* scratch = _scratch)
        {
            // The last piece has padding behind it, for which the message has no room.
            int whole = segment.Length / head.ChunkLength;
            for (int i = 0; i < _wantCount; i++)
            {
                byte* output = _want[i] < whole
                    ? message + (_want[i] * head.ChunkLength)
                    : scratch + (i * ChunkLayout.ChunkLengthMax);
                _outputs[i] = (nint)output;
            }

            _source.Compute(_code, _want.AsSpan(0, _wantCount), _outputs.AsSpan(0, _wantCount));
            DecodedBytes = _wantCount * head.ChunkLength;
            return Check(head, chunks) ? FinishLast(head, segment) : Refusal.ChunkParity;
        }
    }

    private bool Check(in ChunkHead head, ReadOnlySpan<BufferLease> chunks)
    {
        _tree.Start(head.Total);
        int at = 0;
        foreach (Subtree subtree in _subtrees.AsSpan(0, _subtreeCount))
        {
            int end = Math.Min(subtree.First + (1 << subtree.Levels), head.Total);
            for (int i = subtree.First; i < end; i++)
            {
                ChunkMerkle.HashLeaf(new ReadOnlySpan<byte>((byte*)_outputs[at++], head.ChunkLength), _tree.Leaf(i));
            }

            ReadOnlySpan<byte> top = _tree.Build(subtree.First, end, subtree.Levels);
            ReadOnlySpan<byte> branch = head.Branch(chunks[subtree.Witness].Span);
            if (!top.SequenceEqual(branch.Slice(subtree.Levels * ChunkLayout.NodeLength, ChunkLayout.NodeLength)))
            {
                return false;
            }
        }

        return true;
    }

    // Copies the last piece if it was computed elsewhere; what is behind the message is zero in an honest leader's.
    private Refusal FinishLast(in ChunkHead head, Span<byte> segment)
    {
        int last = head.Data - 1;
        int place = _want.AsSpan(0, _wantCount).IndexOf((byte)last);
        int at = last * head.ChunkLength;
        if (place < 0 || segment.Length - at == head.ChunkLength)
        {
            return Refusal.None;
        }

        var piece = new ReadOnlySpan<byte>((byte*)_outputs[place], head.ChunkLength);
        int length = segment.Length - at;
        piece[..length].CopyTo(segment[at..]);
        return piece[length..].ContainsAnyExcept((byte)0) ? Refusal.ChunkPadding : Refusal.None;
    }
}
