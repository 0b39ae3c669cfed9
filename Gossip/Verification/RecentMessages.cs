using System.Buffers.Binary;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;

namespace Fragcast.Gossip.Verification;

/// <summary>
/// Remembers which verified messages were already had, by place. Bounded: the oldest is forgotten first, and what is
/// forgotten is by then behind the head. Allocates nothing after construction. One thread.
/// </summary>
internal sealed class RecentMessages
{
    /// <summary>
    /// Places remembered: sixteen blocks ahead and as many behind, of 126 frags, an Env and a seal each.
    /// </summary>
    public const int PlacesMax = 32 * 128;

    // What a slot keeps of its message, so that a second one in the place proves the equivocation: 2 MiB in all.
    private const int SlotLength = EvidenceLayout.SignatureLength + EvidenceLayout.BodyMax;

    private readonly byte[] _slots = new byte[PlacesMax * SlotLength];
    private readonly Dictionary<Key, Entry> _entries = new(PlacesMax);
    private readonly Key[] _order = new Key[PlacesMax];
    private int _next;

    /// <summary>Whether a message with this signature was verified in this place before.</summary>
    public bool Contains(in Envelope place, ReadOnlySpan<byte> signature) =>
        _entries.TryGetValue(new Key(place), out Entry entry) && entry.SignatureHead == Head(signature);

    /// <summary>Remembers a verified message.</summary>
    /// <param name="place">Its place.</param>
    /// <param name="signature">Its signature.</param>
    /// <param name="digest">The signed digest.</param>
    /// <param name="body">What of it goes into evidence.</param>
    /// <returns>What stood in the place before.</returns>
    public Recall Add(in Envelope place, ReadOnlySpan<byte> signature, in Hash256 digest, ReadOnlySpan<byte> body)
    {
        var key = new Key(place);
        if (_entries.TryGetValue(key, out Entry entry))
        {
            return entry.Digest == digest ? Recall.Same : Recall.Different;
        }

        if (_entries.Count == PlacesMax)
        {
            _entries.Remove(_order[_next]);
        }

        Span<byte> slot = _slots.AsSpan(_next * SlotLength, SlotLength);
        signature.CopyTo(slot);
        body.CopyTo(slot[EvidenceLayout.SignatureLength..]);
        _order[_next] = key;
        _entries.Add(key, new Entry(Head(signature), digest, _next, body.Length, place.Revision));
        _next = (_next + 1) % PlacesMax;
        return Recall.New;
    }

    /// <summary>What is remembered in a place, copied for evidence. Something must be.</summary>
    public SignedBody BodyOf(in Envelope place)
    {
        Entry entry = _entries[new Key(place)];
        ReadOnlySpan<byte> slot = _slots.AsSpan(entry.Slot * SlotLength, SlotLength);
        return new SignedBody(
            slot.Slice(EvidenceLayout.SignatureLength, entry.BodyLength).ToArray(),
            slot[..EvidenceLayout.SignatureLength].ToArray(), entry.Revision);
    }

    private static UInt128 Head(ReadOnlySpan<byte> signature) => BinaryPrimitives.ReadUInt128LittleEndian(signature);

    private readonly record struct Entry(
        UInt128 SignatureHead, Hash256 Digest, int Slot, int BodyLength, MessageRevision Revision);

    // An attempt has one Env, one seal and so on, whatever the seal counts; so only the attempt tells them apart.
    private readonly record struct Key(EnvelopeKind Kind, uint Epoch, ulong BlockNumber, ulong Sequence)
    {
        public Key(in Envelope place)
            : this(
                place.Kind, place.Epoch, place.BlockNumber,
                place.Kind == EnvelopeKind.Frag ? place.Sequence : AttemptSequence.Join(place.Attempt, 0))
        {
        }
    }
}

/// <summary>What a place held before a message was remembered there.</summary>
internal enum Recall : byte
{
    /// <summary>Nothing.</summary>
    New = 0,

    /// <summary>The same message, perhaps under another form of its signature.</summary>
    Same,

    /// <summary>Another message of the same leader: an equivocation.</summary>
    Different,
}
