using Fragcast.Primitives;

namespace Fragcast.Schedule.Rotation;

/// <summary>The rules for one block, applied once to the messages that are there.</summary>
internal sealed class LeadRule
{
    private readonly BlockFacts _block;

    // Rounds that count, with the frag from which each goes on; ascending rounds.
    private readonly List<(int Round, Address Leader, ulong FromSeq)> _counted = new(1);

    private LeadRule(BlockFacts block) => _block = block;

    /// <summary>Who builds the block.</summary>
    public BlockLead Lead { get; private set; }

    /// <summary>Rounds that count; 0 while the block's leader is not known.</summary>
    public int Count => _counted.Count;

    /// <summary>Applies the rules.</summary>
    /// <param name="core">Knows the time.</param>
    /// <param name="block">The block's messages.</param>
    /// <param name="parent">Hash of the block before.</param>
    /// <param name="child">Messages about the block after it, if there are any.</param>
    public static LeadRule Of(HandOverCore core, BlockFacts block, in Hash256 parent, BlockFacts? child)
    {
        var rule = new LeadRule(block);
        if (block.Line.Count == 0)
        {
            rule.Lead = new BlockLead(block.Number, parent, 0, default, 0, null);
            return rule;
        }

        rule._counted.Add((0, block.Line[0], 0));
        for (int round = 1; round < block.Line.Count; round++)
        {
            if (block.OfRound(round) is { Take: { } take } facts && rule.Counts(core, facts, take, parent, round))
            {
                rule._counted.Add((round, facts.Signer, take.LastSeq));
            }
        }

        int winner = rule.Sealed(core, parent, child, out Hash256? seal);
        if (winner < 0)
        {
            winner = rule._counted.Count - 1;
        }

        // Rounds above the winner do not matter any more.
        rule._counted.RemoveRange(winner + 1, rule._counted.Count - winner - 1);
        (int winnerRound, Address leader, ulong fromSeq) = rule._counted[^1];
        rule.Lead = new BlockLead(block.Number, parent, winnerRound, leader, fromSeq, seal);
        return rule;
    }

    /// <summary>Whose frag belongs in a place: the highest round that goes on at or before it.</summary>
    public Address OwnerOf(ulong seq) => _counted[PlaceOf(seq)].Leader;

    /// <summary>The first frag that belongs to somebody else than by another outcome; null if none does.</summary>
    public ulong? DiffersFrom(LeadRule other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return null;
        }

        ulong? first = null;
        foreach (ulong seq in _counted.Concat(other._counted).Select(entry => entry.FromSeq))
        {
            if (OwnerOf(seq) != other.OwnerOf(seq) && (first is null || seq < first))
            {
                first = seq;
            }
        }

        return first;
    }

    /// <summary>Counts the frags that are here without a gap, and chains them.</summary>
    public ulong Prefix(ulong number, in Hash256 parent, ulong limit, out Hash256 chain, out int missingPlace)
    {
        chain = PrefixChain.Start(number, parent);
        missingPlace = -1;
        if (Count == 0)
        {
            return 0;
        }

        for (ulong seq = 0; seq < limit; seq++)
        {
            int place = PlaceOf(seq);
            Hash256 root = default;
            if (_block.Of(_counted[place].Leader)?.TryGetFrag(seq, out root) != true)
            {
                missingPlace = place;
                return seq;
            }

            chain = PrefixChain.Next(chain, root);
        }

        return limit;
    }

    private int PlaceOf(ulong seq)
    {
        for (int place = _counted.Count - 1; place > 0; place--)
        {
            if (_counted[place].FromSeq <= seq)
            {
                return place;
            }
        }

        return 0;
    }

    private bool Counts(HandOverCore core, SignerFacts facts, in HandOver take, in Hash256 parent, int round) =>
        take.ParentHash == parent
        && take.LastSeq <= facts.WithdrawnFrom
        && (core.IsTime(_block.Number, round) || IsGiven(take))
        && IsProven(facts, take, parent);

    // Only who has the block by the lower rounds can give it away.
    private bool IsGiven(in HandOver take)
    {
        SignerFacts? holder = _block.Of(_counted[^1].Leader);
        if (holder is null)
        {
            return false;
        }

        if (holder.WithdrawnFrom != ulong.MaxValue)
        {
            return take.LastSeq <= holder.WithdrawnFrom;
        }

        return holder.Leave is { } leave && leave.Number == _block.Number && leave.ParentHash == take.ParentHash
            && leave.NextLeader == take.NextLeader && leave.LastSeq == take.LastSeq && IsLast(leave);
    }

    // The frag that is named as the last one is the one that stands here.
    private bool IsLast(in HandOver leave)
    {
        Hash256 root = default;
        return leave.LastSeq == 0
            || (_block.Of(OwnerOf(leave.LastSeq - 1))?.TryGetFrag(leave.LastSeq - 1, out root) == true
                && root == leave.LastFragRoot);
    }

    private bool IsProven(SignerFacts facts, in HandOver take, in Hash256 parent)
    {
        int counted = 0;
        foreach ((int round, _, _) in _counted)
        {
            counted |= 1 << round;
        }

        (long, int, Hash256) basis = (_block.Version, counted, parent);
        ProofState known = facts.Proof;
        if (known.Basis == basis)
        {
            bool stillMissing = known.Verdict == ProofVerdict.Open
                && _block.OfRound(known.MissingRound)?.TryGetFrag(known.MissingSeq, out _) != true;
            if (known.Verdict != ProofVerdict.Open || stillMissing)
            {
                return known.Verdict == ProofVerdict.Good;
            }
        }

        ulong have = Prefix(_block.Number, parent, take.LastSeq, out Hash256 chain, out int missingPlace);
        ProofVerdict verdict = have < take.LastSeq
            ? ProofVerdict.Open
            : take.LastSeq == 0 || PrefixChain.Taken(chain, facts.Signer) == take.LastFragRoot
                ? ProofVerdict.Good
                : ProofVerdict.Wrong;
        facts.Proof = new ProofState(verdict, basis, have, missingPlace < 0 ? 0 : _counted[missingPlace].Round);
        return verdict == ProofVerdict.Good;
    }

    // The place in _counted of the round whose seal stands; -1 if there is none.
    private int Sealed(HandOverCore core, in Hash256 parent, BlockFacts? child, out Hash256? seal)
    {
        int lowest = -1;
        seal = null;
        for (int place = _counted.Count - 1; place >= 0; place--)
        {
            if (SealOf(place, parent) is { } candidate)
            {
                lowest = place;
                seal = candidate.Hash;
            }
        }

        if (lowest < 0 || child is null)
        {
            return lowest;
        }

        for (int round = 0; round < child.Line.Count; round++)
        {
            if (child.OfRound(round) is not { HasOpened: true } opener
                || (round > 0 && !core.IsTime(child.Number, round)))
            {
                continue;
            }

            for (int place = 0; place < _counted.Count; place++)
            {
                if (SealOf(place, parent) is { } candidate && opener.OpenedOn(candidate.Hash))
                {
                    seal = candidate.Hash;
                    return place;
                }
            }
        }

        return lowest;
    }

    private SealFact? SealOf(int place, in Hash256 parent)
    {
        (_, Address leader, ulong fromSeq) = _counted[place];
        SignerFacts? facts = _block.Of(leader);
        return facts?.Seal is { } fact && fact.ParentHash == parent && fact.TotalFrags >= fromSeq
            && fact.TotalFrags <= facts.WithdrawnFrom
            ? fact
            : null;
    }
}
