using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Wire;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Chunks;

/// <summary>
/// Puts whole messages together in pooled buffers: a message of one segment at once, one of several as its segments
/// become decodable, each into its place. Bounded: a few long messages are under way, the oldest is given up for
/// another. Allocates nothing after construction. One thread.
/// </summary>
public sealed class MessageAssembler : IDisposable
{
    /// <summary>Messages of several segments that are under way at once: as many as there are large buffers.</summary>
    public const int PartialMax = 8;

    private readonly MessageBuffers _buffers;
    private readonly ChunkAssembler _assembler = new();
    private readonly Partial[] _partials = new Partial[PartialMax];
    private int _next;

    /// <summary>Makes an assembler.</summary>
    /// <param name="buffers">Where messages go.</param>
    public MessageAssembler(MessageBuffers buffers)
    {
        _buffers = buffers;
        for (int i = 0; i < PartialMax; i++)
        {
            _partials[i] = new Partial();
        }
    }

    /// <summary>Bytes decoded by the last call: 0 when all data chunks were there.</summary>
    public int DecodedBytes => _assembler.DecodedBytes;

    /// <summary>Takes an item of which enough chunks are there.</summary>
    /// <param name="item">The item: a message or a segment of one.</param>
    /// <param name="chunks">By index, accepted ones, unchanged since but for duty and flags.</param>
    /// <param name="have">Which are there.</param>
    /// <param name="message">
    /// The whole message, when the result is None and this completed it; the caller releases it. Else default.
    /// </param>
    /// <returns>
    /// What <see cref="ChunkAssembler.TryAssemble"/> says; NoBuffer when none is free; Equivocation for another item in
    /// the place of a segment that is there.
    /// </returns>
    public Refusal TryAdd(
        in ItemHeader item, ReadOnlySpan<BufferLease> chunks, in ChunkSet have, out BufferLease message)
    {
        message = default;
        if (!TryFindFirst(have, item.Total, out int first))
        {
            return Refusal.Truncated;
        }

        ChunkAssembler.Locate(chunks[first].Span, out int start, out int messageLength);
        return item.Segments == 1
            ? AddWhole(item, chunks, have, out message)
            : AddSegment(item, chunks, have, start, messageLength, out message);
    }

    /// <summary>Gives up what is under way, and its buffers.</summary>
    public void Dispose()
    {
        foreach (Partial partial in _partials)
        {
            partial.GiveUp();
        }
    }

    private static bool TryFindFirst(in ChunkSet have, int total, out int first)
    {
        for (first = 0; first < total; first++)
        {
            if (have.Contains((byte)first))
            {
                return true;
            }
        }

        return false;
    }

    private Refusal AddWhole(
        in ItemHeader item, ReadOnlySpan<BufferLease> chunks, in ChunkSet have, out BufferLease message)
    {
        if (!_buffers.TryRent(item.Length, out message))
        {
            return Refusal.NoBuffer;
        }

        Refusal refusal = _assembler.TryAssemble(item, chunks, have, message.Span);
        if (refusal != Refusal.None)
        {
            message.Release();
            message = default;
        }

        return refusal;
    }

    private Refusal AddSegment(
        in ItemHeader item, ReadOnlySpan<BufferLease> chunks, in ChunkSet have, int start, int messageLength,
        out BufferLease message)
    {
        message = default;
        Partial? partial = Find(item, messageLength) ?? TryBegin(item, messageLength);
        if (partial is null)
        {
            return Refusal.NoBuffer;
        }

        if (partial.Has(item.Place.Segment))
        {
            return Refusal.Equivocation;
        }

        Refusal refusal = _assembler.TryAssemble(item, chunks, have, partial.Message.Span[start..]);
        if (refusal == Refusal.None && partial.Add(item.Place.Segment))
        {
            message = partial.End();
        }

        return refusal;
    }

    private Partial? Find(in ItemHeader item, int messageLength)
    {
        ItemPlace place = item.Place with { Segment = 0 };
        foreach (Partial partial in _partials)
        {
            if (partial.Message.IsValid && partial.Place == place && partial.Segments == item.Segments
                && partial.Message.Length == messageLength)
            {
                return partial;
            }
        }

        return null;
    }

    private Partial? TryBegin(in ItemHeader item, int messageLength)
    {
        int place = _next;
        for (int i = 0; i < PartialMax && _partials[place].Message.IsValid; i++)
        {
            place = (place + 1) % PartialMax;
        }

        // If all are under way, the one at the mark is among the oldest.
        _partials[place].GiveUp();
        _next = (place + 1) % PartialMax;
        if (!_buffers.TryRent(messageLength, out BufferLease message))
        {
            return null;
        }

        _partials[place].Begin(item, message);
        return _partials[place];
    }

    /// <summary>A message of which some segments are there.</summary>
    private sealed class Partial
    {
        // A bit for each of at most 32.
        private uint _segments;
        private int _missing;

        public ItemPlace Place { get; private set; }

        public ushort Segments { get; private set; }

        public BufferLease Message { get; private set; }

        public void Begin(in ItemHeader item, BufferLease message)
        {
            Place = item.Place with { Segment = 0 };
            Segments = item.Segments;
            Message = message;
            _missing = item.Segments;
            _segments = 0;
        }

        public bool Has(ushort segment) => (_segments >> segment & 1) != 0;

        /// <summary>Notes a segment; true if it was the last that was missing.</summary>
        public bool Add(ushort segment)
        {
            _segments |= 1u << segment;
            return --_missing == 0;
        }

        /// <summary>Releases the buffer, if there is one.</summary>
        public void GiveUp()
        {
            if (Message.IsValid)
            {
                End().Release();
            }
        }

        /// <summary>Hands the buffer over.</summary>
        public BufferLease End()
        {
            BufferLease message = Message;
            Message = default;
            return message;
        }
    }
}
