using System.Diagnostics;
using System.Runtime.CompilerServices;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks.Coding;
using Fragcast.Gossip.Chunks.Proofs;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Chunks;

/// <summary>
/// The leader's side: makes all chunks of a message, ready to be sent, in pinned buffers. Allocates nothing after
/// construction. One thread.
/// </summary>
/// <remarks>
/// One root covers data and parity, so no chunk leaves before all are made and signed. Two roots would let the data
/// leave earlier by the time that the parity takes to hash, and cost every receiver a second check of a signature.
/// </remarks>
public sealed unsafe class ChunkEncoder : IDisposable
{
    private readonly ulong _networkId;
    private readonly byte[] _key;
    private readonly PinnedBufferPool _pool;
    private readonly ReedSolomon _code = new();
    private readonly ChunkTree _tree = new();
    private readonly byte[] _indices = new byte[ChunkLayout.TotalMax];
    private readonly nint[] _addresses = new nint[ChunkLayout.TotalMax];

    /// <summary>Makes an encoder.</summary>
    /// <param name="networkId">See <see cref="Wire.NetworkId"/>.</param>
    /// <param name="sequencerKey">The secp256k1 key that signs, 32 bytes; copied, and wiped by Dispose.</param>
    /// <param name="pool">Where chunks lie; slots of at least <see cref="ChunkLayout.LengthMax"/> bytes.</param>
    public ChunkEncoder(ulong networkId, ReadOnlySpan<byte> sequencerKey, PinnedBufferPool pool)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(pool.SlotSize, ChunkLayout.LengthMax);
        _networkId = networkId;
        _key = sequencerKey.ToArray();
        _pool = pool;
        for (int i = 0; i < _indices.Length; i++)
        {
            _indices[i] = (byte)i;
        }
    }

    /// <summary>Makes the chunks of one segment, without a duty.</summary>
    /// <param name="message">The whole message, <see cref="ChunkShape.MessageLength"/> bytes.</param>
    /// <param name="place">Its place, with the segment that is wanted.</param>
    /// <param name="shape">How the message is cut.</param>
    /// <param name="chunks">
    /// Takes n chunks by index, at least <see cref="SegmentShape.Total"/> places; the caller releases each.
    /// </param>
    /// <param name="item">What all of them have in common.</param>
    /// <returns>False when the pool has too few buffers; none is kept then.</returns>
    public bool TryEncode(
        ReadOnlySpan<byte> message, in ItemPlace place, in ChunkShape shape, Span<BufferLease> chunks,
        out ItemHeader item)
    {
        Debug.Assert(message.Length == shape.MessageLength, "The shape was made for this message.");
        return TryEncode(message, place, shape.Segments, shape.Segment(place.Segment), chunks, out item);
    }

    /// <summary>As above, for a planner that cuts the segment itself.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="place">Its place, with the segment that is wanted.</param>
    /// <param name="segments">Into how many segments the message is cut.</param>
    /// <param name="segment">
    /// How the segment is cut; L is its length over k, and k its length over L, both rounded up.
    /// </param>
    /// <param name="chunks">
    /// Takes n chunks by index, at least <see cref="SegmentShape.Total"/> places; the caller releases each.
    /// </param>
    /// <param name="item">What all of them have in common.</param>
    /// <returns>False when the pool has too few buffers; none is kept then.</returns>
    public bool TryEncode(
        ReadOnlySpan<byte> message, in ItemPlace place, ushort segments, in SegmentShape segment,
        Span<BufferLease> chunks, out ItemHeader item)
    {
        Debug.Assert(
            ChunkShape.Divide(segment.Length, segment.Data) == segment.ChunkLength
            && ChunkShape.Divide(segment.Length, segment.ChunkLength) == segment.Data,
            "Receivers refuse any other cut.");
        item = default;
        var head = new ChunkHead(
            place, segments, message.Length, segment.Data, segment.Total, 0, segment.ChunkLength,
            ChunkFlags.None, Duty.None);
        if (!TryRent(chunks[..segment.Total], head.Length))
        {
            return false;
        }

        CopyData(message.Slice(segment.Start, segment.Length), head, chunks);
        MakeRest(head, chunks);
        BuildTree(head, chunks);
        Seal(head, chunks);
        item = head.Item(_tree.Root);
        return true;
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => Array.Clear(_key);

    private bool TryRent(Span<BufferLease> chunks, int length)
    {
        for (int i = 0; i < chunks.Length; i++)
        {
            if (!_pool.TryRent(out BufferLease lease))
            {
                foreach (BufferLease rented in chunks[..i])
                {
                    rented.Release();
                }

                return false;
            }

            chunks[i] = lease.Slice(0, length);
        }

        return true;
    }

    private void CopyData(ReadOnlySpan<byte> segment, in ChunkHead head, ReadOnlySpan<BufferLease> chunks)
    {
        for (int i = 0; i < head.Total; i++)
        {
            byte* start = chunks[i].Pointer + head.DataStart;
            _addresses[i] = (nint)start;
            if (i < head.Data)
            {
                int at = i * head.ChunkLength;
                ReadOnlySpan<byte> piece = segment.Slice(at, Math.Min(head.ChunkLength, segment.Length - at));
                var content = new Span<byte>(start, head.ChunkLength);
                piece.CopyTo(content);
                content[piece.Length..].Clear();
            }
        }
    }

    private void MakeRest(in ChunkHead head, ReadOnlySpan<BufferLease> chunks)
    {
        int data = head.Data;
        int rest = head.Total - data;
        if (!head.IsCopied)
        {
            _code.Compute(
                _indices.AsSpan(0, data), _addresses.AsSpan(0, data),
                _indices.AsSpan(data, rest), _addresses.AsSpan(data, rest), head.ChunkLength);
            return;
        }

        for (int i = data; i < head.Total; i++)
        {
            head.Content(chunks[i % data].Span).CopyTo(chunks[i].Span[head.DataStart..]);
        }
    }

    private void BuildTree(in ChunkHead head, ReadOnlySpan<BufferLease> chunks)
    {
        _tree.Start(head.Total);
        for (int i = 0; i < head.Total; i++)
        {
            if (head.IsCopied && i >= head.Data)
            {
                _tree.Leaf(i % head.Data).CopyTo(_tree.Leaf(i));
            }
            else
            {
                ChunkMerkle.HashLeaf(head.Content(chunks[i].Span), _tree.Leaf(i));
            }
        }

        _tree.Build();
    }

    [SkipLocalsInit]
    private void Seal(in ChunkHead head, ReadOnlySpan<BufferLease> chunks)
    {
        Span<byte> front = stackalloc byte[ChunkLayout.BranchOffset];
        head.Write(front);
        Hash256 digest = ChunkSigning.Digest(_networkId, head, _tree.Root);
        Secp256k1.Sign(digest, _key, front.Slice(ChunkLayout.SignatureOffset, ChunkLayout.SignatureLength));
        for (int i = 0; i < head.Total; i++)
        {
            front[ChunkLayout.IndexOffset] = (byte)i;
            Span<byte> chunk = chunks[i].Span;
            front.CopyTo(chunk);
            _tree.WriteBranch(i, chunk[ChunkLayout.BranchOffset..head.DataStart]);
        }
    }
}
