using System.Runtime.CompilerServices;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks.Coding;
using Fragcast.Gossip.Chunks.Proofs;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Chunks;

/// <summary>
/// Makes chunks that did not come from those that did, with their branches, to answer repair requests. The first of an
/// item costs the coding and hashing of all its chunks; its tree is kept for the next. Allocates nothing after
/// construction. One thread.
/// </summary>
public sealed unsafe class ChunkMaker
{
    /// <summary>Trees that are kept, of the latest items that somebody asked for; 10 KiB each.</summary>
    public const int TreesMax = 8;

    private readonly PinnedBufferPool _pool;
    private readonly ReedSolomon _code = new();
    private readonly ChunkSource _source = new();
    private readonly Kept[] _kept = new Kept[TreesMax];
    private readonly byte[] _scratch =
        GC.AllocateUninitializedArray<byte>(ChunkLayout.TotalMax * ChunkLayout.ChunkLengthMax, pinned: true);

    private readonly byte[] _want = new byte[ChunkLayout.TotalMax];
    private readonly nint[] _outputs = new nint[ChunkLayout.TotalMax];
    private int _next;

    /// <summary>Makes a maker.</summary>
    /// <param name="pool">Where made chunks lie; slots of at least <see cref="ChunkLayout.LengthMax"/> bytes.</param>
    public ChunkMaker(PinnedBufferPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(pool.SlotSize, ChunkLayout.LengthMax);
        _pool = pool;
        for (int i = 0; i < TreesMax; i++)
        {
            _kept[i] = new Kept();
        }
    }

    /// <summary>Makes a chunk, marked as the answer to a repair request.</summary>
    /// <param name="item">The item.</param>
    /// <param name="chunks">By index, accepted ones, unchanged since but for duty and flags.</param>
    /// <param name="have">Which are there; at least k.</param>
    /// <param name="index">Which to make; not among them.</param>
    /// <param name="made">The chunk; the caller releases it.</param>
    /// <returns>
    /// False when there are too few chunks, no buffer is free, or the leader's parity does not fit its data: then
    /// nobody can make the chunk.
    /// </returns>
    public bool TryMake(
        in ItemHeader item, ReadOnlySpan<BufferLease> chunks, in ChunkSet have, byte index, out BufferLease made)
    {
        made = default;
        if (index >= item.Total || have.Contains(index) || !_source.TrySet(item, chunks, have))
        {
            return false;
        }

        ReadOnlySpan<byte> model = chunks[FirstOf(have, item.Total)].Span;
        Kept kept = Find(item, model) ?? Build(item, model, chunks);
        if (!kept.IsConsistent || !_pool.TryRent(out BufferLease lease))
        {
            return false;
        }

        ChunkHead head = _source.Head;
        made = lease.Slice(0, head.Length);
        Span<byte> chunk = made.Span;
        model[..ChunkLayout.BranchOffset].CopyTo(chunk);
        chunk[ChunkLayout.IndexOffset] = index;
        ChunkHead.WriteRepair(chunk, isRepair: true);
        kept.Tree.WriteBranch(index, chunk[ChunkLayout.BranchOffset..head.DataStart]);
        MakeContent(head, index, made.Pointer + head.DataStart);
        return true;
    }

    private static byte FirstOf(in ChunkSet have, int total)
    {
        byte index = 0;
        while (index < total - 1 && !have.Contains(index))
        {
            index++;
        }

        return index;
    }

    private void MakeContent(in ChunkHead head, byte index, byte* target)
    {
        if (head.IsCopied)
        {
            new ReadOnlySpan<byte>(_source.Find(index), head.ChunkLength).CopyTo(
                new Span<byte>(target, head.ChunkLength));
            return;
        }

        _source.Compute(_code, [index], [(nint)target]);
    }

    // A signature stands for one root.
    private Kept? Find(in ItemHeader item, ReadOnlySpan<byte> model)
    {
        foreach (Kept kept in _kept)
        {
            if (kept.Item == item && ChunkHead.Signature(model).SequenceEqual(kept.Signature))
            {
                return kept;
            }
        }

        return null;
    }

    [SkipLocalsInit]
    private Kept Build(in ItemHeader item, ReadOnlySpan<byte> model, ReadOnlySpan<BufferLease> chunks)
    {
        Kept kept = _kept[_next];
        _next = (_next + 1) % TreesMax;
        kept.Tree.Start(item.Total);
        ChunkHead head = _source.Head;
        int missing = 0;
        fixed (byte* scratch = _scratch)
        {
            for (int i = 0; i < item.Total; i++)
            {
                if (!_source.IsThere(i))
                {
                    _want[missing] = (byte)i;
                    _outputs[missing++] = (nint)(scratch + (i * ChunkLayout.ChunkLengthMax));
                }
            }

            if (!head.IsCopied)
            {
                _source.Compute(_code, _want.AsSpan(0, missing), _outputs.AsSpan(0, missing));
            }

            for (int i = 0; i < item.Total; i++)
            {
                byte* content = scratch + (i * ChunkLayout.ChunkLengthMax);
                content = _source.IsThere(i) ? chunks[i].Pointer + head.DataStart
                    : head.IsCopied ? _source.Find(i) : content;
                ChunkMerkle.HashLeaf(new ReadOnlySpan<byte>(content, head.ChunkLength), kept.Tree.Leaf(i));
            }
        }

        kept.Tree.Build();
        Span<byte> root = stackalloc byte[ChunkLayout.NodeLength];
        ChunkMerkle.ComputeRoot(head.Index, kept.Tree.Leaf(head.Index), head.Branch(model), root);
        kept.Set(item, ChunkHead.Signature(model), kept.Tree.Root.SequenceEqual(root));
        return kept;
    }

    /// <summary>The tree of an item.</summary>
    private sealed class Kept
    {
        private readonly byte[] _signature = new byte[ChunkLayout.SignatureLength];

        public ItemHeader Item { get; private set; }

        public ChunkTree Tree { get; } = new();

        /// <summary>Whether all chunks fit together, so that the tree is the one that was signed.</summary>
        public bool IsConsistent { get; private set; }

        public ReadOnlySpan<byte> Signature => _signature;

        public void Set(in ItemHeader item, ReadOnlySpan<byte> signature, bool isConsistent)
        {
            Item = item;
            IsConsistent = isConsistent;
            signature.CopyTo(_signature);
        }
    }
}
