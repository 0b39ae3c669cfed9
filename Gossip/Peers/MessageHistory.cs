using System.Buffers.Binary;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Peers;

/// <summary>
/// The envelopes of the running block and of the last few, for nodes that join late: a log that writes over its oldest
/// bytes. Only what a leader's signature over its chunks proved, or this node published, goes in. One thread.
/// </summary>
internal sealed class MessageHistory
{
    /// <summary>Most messages, whatever their size.</summary>
    public const int MessagesMax = 4096;

    private readonly byte[] _log;
    private readonly Queue<Entry> _entries = new();
    private readonly Dictionary<ItemPlace, Entry> _byPlace = [];
    private int _end;
    private long _next;

    /// <summary>Makes an empty history.</summary>
    /// <param name="bytes">Its size; memory is touched as it is used.</param>
    public MessageHistory(int bytes) => _log = GC.AllocateUninitializedArray<byte>(bytes);

    /// <summary>Messages in it.</summary>
    public int Count => _entries.Count;

    /// <summary>All messages from the oldest on.</summary>
    public IEnumerable<KeptMessage> Messages =>
        _entries.Select(e => new KeptMessage(e.Number, e.Place, _log.AsMemory(e.Start, e.Length)));

    /// <summary>Keeps a message; the first of its place stays.</summary>
    /// <param name="place">Its place; the segment is 0.</param>
    /// <param name="envelope">The whole envelope.</param>
    public void Add(in ItemPlace place, ReadOnlySpan<byte> envelope)
    {
        int length = GreetingLayout.LengthPrefix + envelope.Length;
        if (length > _log.Length || _byPlace.ContainsKey(place))
        {
            return;
        }

        int start = _end + length <= _log.Length ? _end : 0;
        if (start == 0)
        {
            // What lies from the mark to the log's end is the oldest.
            DropIn(_end, _log.Length);
        }

        DropIn(start, start + length);
        if (_entries.Count == MessagesMax)
        {
            DropFirst();
        }

        BinaryPrimitives.WriteInt32LittleEndian(_log.AsSpan(start), envelope.Length);
        envelope.CopyTo(_log.AsSpan(start + GreetingLayout.LengthPrefix));
        var entry = new Entry(_next++, place, start, length);
        _entries.Enqueue(entry);
        _byPlace.Add(place, entry);
        _end = start + length;
    }

    /// <summary>Whether a message of this place with these bytes is there.</summary>
    public bool Contains(in ItemPlace place, ReadOnlySpan<byte> envelope) =>
        _byPlace.TryGetValue(place, out Entry entry)
        && _log.AsSpan(entry.Start, entry.Length)[GreetingLayout.LengthPrefix..].SequenceEqual(envelope);

    private void DropIn(int start, int end)
    {
        while (_entries.TryPeek(out Entry first) && first.Start < end && first.Start + first.Length > start)
        {
            DropFirst();
        }
    }

    private void DropFirst() => _byPlace.Remove(_entries.Dequeue().Place);

    private readonly record struct Entry(long Number, ItemPlace Place, int Start, int Length);
}

/// <summary>A message of the history.</summary>
/// <param name="Number">Counts all that were ever kept.</param>
/// <param name="Place">Its place.</param>
/// <param name="Framed">The envelope behind its length prefix; valid until the next one is kept.</param>
internal readonly record struct KeptMessage(long Number, ItemPlace Place, ReadOnlyMemory<byte> Framed);
