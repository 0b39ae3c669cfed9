using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// The place of what is broadcast under one signature: one leader signs at most one Merkle root for it. A message of
/// more than 255 chunks is cut into segments, each with chunks and a root of its own.
/// </summary>
/// <param name="Epoch">How often the chain was started anew.</param>
/// <param name="Block">Block number.</param>
/// <param name="Sequence">Frag: its seq; Env: 0; seal: total frags.</param>
/// <param name="Kind">What the message is.</param>
/// <param name="Segment">Which segment of the message, from 0 up; 0 where there is one only.</param>
public readonly record struct ItemPlace(
    uint Epoch, ulong Block, ulong Sequence, EnvelopeKind Kind, ushort Segment = 0);

/// <summary>
/// What one signature of the leader covers: a message, or a segment of it, cut into chunks. The same fields are in
/// every chunk.
/// </summary>
/// <param name="Place">Where the message belongs, and which segment this is.</param>
/// <param name="Tag">
/// The first eight bytes of the Merkle root. Two items with one place and different tags are an equivocation.
/// </param>
/// <param name="Length">Bytes of the segment, 1 to <see cref="EnvelopeLayout.LengthMax"/>.</param>
/// <param name="Data">k: chunks that carry the message, 1 to 255.</param>
/// <param name="Total">n: chunks in all, at least k and at most 255.</param>
/// <param name="Segments">Into how many segments the message is cut, at least 1.</param>
public readonly record struct ItemHeader(
    ItemPlace Place, ulong Tag, int Length, byte Data, byte Total, ushort Segments = 1)
{
    /// <summary>
    /// Messages of fewer chunks go as whole copies: chunk i carries the data of chunk i mod k, and the chunks of a copy
    /// take the same way.
    /// </summary>
    public const int ErasureCodedMin = 4;

    /// <summary>Whether chunks from <see cref="Data"/> on are copies and not parity.</summary>
    public bool IsCopied => Data < ErasureCodedMin;
}
