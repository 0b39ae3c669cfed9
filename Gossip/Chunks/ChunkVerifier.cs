using System.Diagnostics;
using System.Runtime.CompilerServices;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks.Proofs;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;

namespace Fragcast.Gossip.Chunks;

/// <summary>What came of checking a chunk.</summary>
/// <param name="Refusal">None: the leader sent it, and it may be kept and passed on.</param>
/// <param name="Item">What the leader signed, if accepted.</param>
/// <param name="SignatureChecked">Whether a signature was looked at: what a flood costs.</param>
/// <param name="Equivocates">
/// Whether the leader signed another root for this place before. The first such chunk is accepted, under a tag of its
/// own.
/// </param>
/// <param name="Signer">Who signed it, where that is not the leader; else zero.</param>
public readonly record struct ChunkVerdict(
    Refusal Refusal, ItemHeader Item, bool SignatureChecked, bool Equivocates, Address Signer);

/// <summary>
/// Checks received chunks: that they lead to a root that the block's leader signed. A root's signature is checked once;
/// from then on a chunk with the same one costs its leaf and the hashes up to what is known already. Bounded: the roots
/// of the latest items are remembered, at most two for a place, and only those that the leader signed. Allocates
/// nothing after construction. One thread.
/// </summary>
/// <remarks>
/// <code>
/// roots of the place   chunk                                      result
/// any                  signature and fields of a known root       proof only: None or ChunkBranch
/// any                  another signature, a known root            None; the known signature is put in its place
/// none                 signed by the leader                       None, the root is remembered
/// one                  another root, signed by the leader         None, Equivocates; remembered
/// one                  another root of the same tag, signed       Equivocation, Equivocates
/// two                  a third root                               Equivocation, without a look at the signature
/// none, one            not signed by the leader                   BadSignature, Signer says who
/// none, one            a signature is due and none may be checked SignatureBudget
/// </code>
/// Equivocation is the leader's doing: a peer may have seen other roots first and pass them on in good faith.
/// </remarks>
public sealed class ChunkVerifier
{
    /// <summary>
    /// Default number of roots that are remembered: 16 blocks of some 30 items that are under way at once; each takes
    /// 10 KiB, 5 MiB in all. What is forgotten costs one more signature.
    /// </summary>
    public const int ItemsMaxDefault = 512;

    private const int None = -1;

    private readonly ulong _networkId;
    private readonly Dictionary<ItemPlace, int> _first;
    private readonly Known[] _items;
    private int _next;

    /// <summary>Makes a verifier.</summary>
    /// <param name="networkId">See <see cref="NetworkId"/>.</param>
    /// <param name="itemsMax">How many roots are remembered, at least 2.</param>
    public ChunkVerifier(ulong networkId, int itemsMax = ItemsMaxDefault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(itemsMax, 2);
        _networkId = networkId;
        _first = new Dictionary<ItemPlace, int>(itemsMax);
        _items = new Known[itemsMax];
        for (int i = 0; i < itemsMax; i++)
        {
            _items[i] = new Known();
        }
    }

    /// <summary>Checks a chunk.</summary>
    /// <param name="chunk">The whole chunk; its signature may be replaced by an equally good one.</param>
    /// <param name="head">What <see cref="ChunkHead.TryRead"/> made of it.</param>
    /// <param name="leader">The scheduled leader of its block.</param>
    /// <param name="mayCheckSignature">
    /// Whether a signature may be checked, about 50 µs, if that is needed: see <see cref="SignatureBudget"/>.
    /// </param>
    [SkipLocalsInit]
    public ChunkVerdict Verify(Span<byte> chunk, in ChunkHead head, in Address leader, bool mayCheckSignature)
    {
        bool isKnown = _first.TryGetValue(KeyOf(head.Place), out int first);
        if (!isKnown && !mayCheckSignature)
        {
            return new ChunkVerdict(Refusal.SignatureBudget, default, false, false, default);
        }

        Span<byte> leaf = stackalloc byte[ChunkLayout.NodeLength];
        ChunkMerkle.HashLeaf(head.Content(chunk), leaf);
        if (!isKnown)
        {
            return VerifyNew(chunk, head, leaf, leader, mayCheckSignature, None);
        }

        int second = _items[first].Second;
        if (_items[first].IsSignedAs(head, chunk))
        {
            return CheckProof(_items[first], chunk, head, leaf);
        }

        if (second != None && _items[second].IsSignedAs(head, chunk))
        {
            return CheckProof(_items[second], chunk, head, leaf);
        }

        Span<byte> root = stackalloc byte[ChunkLayout.NodeLength];
        ChunkMerkle.ComputeRoot(head.Index, leaf, head.Branch(chunk), root);
        if (_items[first].IsSame(head, root))
        {
            return CheckProofAndSign(_items[first], chunk, head, leaf);
        }

        if (second == None)
        {
            return VerifyNew(chunk, head, leaf, leader, mayCheckSignature, first);
        }

        return _items[second].IsSame(head, root)
            ? CheckProofAndSign(_items[second], chunk, head, leaf)
            : new ChunkVerdict(Refusal.Equivocation, default, false, false, default);
    }

    /// <summary>
    /// The tag of the known root whose signature and fields a chunk has; 0 if there is none. Costs no hash: whether the
    /// chunk leads to that root is not looked at.
    /// </summary>
    /// <param name="chunk">The whole chunk.</param>
    /// <param name="head">What <see cref="ChunkHead.TryRead"/> made of it.</param>
    public ulong TagOf(ReadOnlySpan<byte> chunk, in ChunkHead head)
    {
        if (!_first.TryGetValue(KeyOf(head.Place), out int first))
        {
            return 0;
        }

        if (_items[first].IsSignedAs(head, chunk))
        {
            return _items[first].Header.Tag;
        }

        int second = _items[first].Second;
        return second != None && _items[second].IsSignedAs(head, chunk) ? _items[second].Header.Tag : 0;
    }

    /// <summary>Whether roots are remembered for a place, and how many: 0, 1 or 2.</summary>
    public int CountRoots(in ItemPlace place)
    {
        if (!_first.TryGetValue(KeyOf(place), out int first))
        {
            return 0;
        }

        return _items[first].Second == None ? 1 : 2;
    }

    // An attempt has one Env, one seal and so on, whatever the seal counts; so only the attempt tells them apart.
    private static ItemPlace KeyOf(in ItemPlace place) =>
        place.Kind == EnvelopeKind.Frag
            ? place
            : place with { Sequence = AttemptSequence.Join(AttemptSequence.Attempt(place.Sequence), 0) };

    private static ChunkVerdict CheckProof(
        Known item, ReadOnlySpan<byte> chunk, in ChunkHead head, ReadOnlySpan<byte> leaf) =>
        item.Proofs.Check(head.Index, leaf, head.Branch(chunk))
            ? new ChunkVerdict(Refusal.None, item.Header, false, false, default)
            : new ChunkVerdict(Refusal.ChunkBranch, default, false, false, default);

    private static ChunkVerdict CheckProofAndSign(
        Known item, Span<byte> chunk, in ChunkHead head, ReadOnlySpan<byte> leaf)
    {
        ChunkVerdict verdict = CheckProof(item, chunk, head, leaf);
        Debug.Assert(verdict.Refusal == Refusal.None, "The chunk led to this root a moment ago.");
        item.Signature.CopyTo(chunk[ChunkLayout.SignatureOffset..]);
        return verdict;
    }

    /// <summary>A root that is not known: the signature decides.</summary>
    [SkipLocalsInit]
    private ChunkVerdict VerifyNew(
        Span<byte> chunk, in ChunkHead head, ReadOnlySpan<byte> leaf, in Address leader, bool mayCheckSignature,
        int first)
    {
        if (!mayCheckSignature)
        {
            return new ChunkVerdict(Refusal.SignatureBudget, default, false, false, default);
        }

        Span<byte> root = stackalloc byte[ChunkLayout.NodeLength];
        ReadOnlySpan<byte> branch = head.Branch(chunk);
        ChunkMerkle.ComputeRoot(head.Index, leaf, branch, root);
        ReadOnlySpan<byte> signature = ChunkHead.Signature(chunk);
        Hash256 digest = ChunkSigning.Digest(_networkId, head, root);
        if (!ChunkSigning.TryRecover(digest, signature, out Address signer))
        {
            return new ChunkVerdict(Refusal.BadSignature, default, true, false, default);
        }

        if (signer != leader)
        {
            return new ChunkVerdict(Refusal.BadSignature, default, true, false, signer);
        }

        ItemHeader header = head.Item(root);
        if (first != None && _items[first].Header.Tag == header.Tag)
        {
            return new ChunkVerdict(Refusal.Equivocation, header, true, true, default);
        }

        Known item = Remember(head, first);
        item.Set(head, header, signature, root);
        bool isProven = item.Proofs.Check(head.Index, leaf, branch);
        Debug.Assert(isProven, "A chunk leads to the root that was computed from it.");
        return new ChunkVerdict(Refusal.None, header, true, first != None, default);
    }

    /// <summary>Takes the oldest item's place.</summary>
    private Known Remember(in ChunkHead head, int first)
    {
        if (first == _next)
        {
            // The first root of this very place is the oldest: the next oldest goes instead.
            _next = (_next + 1) % _items.Length;
        }

        int taken = _next;
        _next = (_next + 1) % _items.Length;
        Known item = _items[taken];
        if (item.IsUsed)
        {
            Forget(taken, item);
        }

        if (first == None)
        {
            _first.Add(KeyOf(head.Place), taken);
        }
        else
        {
            _items[first].Second = taken;
        }

        return item;
    }

    private void Forget(int number, Known item)
    {
        ItemPlace place = KeyOf(item.Head.Place);
        int first = _first[place];
        if (first != number)
        {
            _items[first].Second = None;
        }
        else if (item.Second != None)
        {
            _first[place] = item.Second;
        }
        else
        {
            _first.Remove(place);
        }
    }

    /// <summary>A root that the leader signed.</summary>
    private sealed class Known
    {
        private readonly byte[] _signature = new byte[ChunkLayout.SignatureLength];

        public ChunkHead Head { get; private set; }

        public ItemHeader Header { get; private set; }

        public ChunkProofs Proofs { get; } = new();

        public bool IsUsed { get; private set; }

        /// <summary>The second root of the place, if this is the first and there is one.</summary>
        public int Second { get; set; } = None;

        public ReadOnlySpan<byte> Signature => _signature;

        public void Set(in ChunkHead head, in ItemHeader header, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> root)
        {
            Head = head;
            Header = header;
            IsUsed = true;
            Second = None;
            signature.CopyTo(_signature);
            Proofs.Start(head.Total, root);
        }

        public bool IsSignedAs(in ChunkHead head, ReadOnlySpan<byte> chunk) =>
            ChunkHead.Signature(chunk).SequenceEqual(_signature) && Head.IsSameItem(head);

        public bool IsSame(in ChunkHead head, ReadOnlySpan<byte> root) =>
            Head.IsSameItem(head) && Proofs.Root.SequenceEqual(root);
    }
}
