using Fragcast.Primitives;
using Fragcast.Primitives.Messages;

namespace Fragcast.Schedule.Rotation;

/// <summary>What became of a message that was told to a <see cref="HandOverCore"/>.</summary>
public enum RotationNote : byte
{
    /// <summary>Kept; it counts now or as soon as the rules say so.</summary>
    Kept = 0,

    /// <summary>Nothing new, or less than what is known of the same signer.</summary>
    Known,

    /// <summary>
    /// The schedule does not know yet who may build this block: hold the message and offer it again when
    /// <see cref="ILeaderSchedule.Version"/> moves on; never hold it against the peer.
    /// </summary>
    LineUnknown,

    /// <summary>The block is settled.</summary>
    Stale,

    /// <summary>The block is more than <see cref="HandOverCore.WindowBlocks"/> past what is settled.</summary>
    TooFarAhead,

    /// <summary>The signer is not in the block's line: it may not build it in any round.</summary>
    NotInLine,

    /// <summary>The message contradicts itself.</summary>
    Malformed,
}

/// <summary>Who builds a block by what is known.</summary>
/// <param name="Number">The block.</param>
/// <param name="ParentHash">The block before it.</param>
/// <param name="Round">Place in the line of who builds it; 0 for its scheduled leader.</param>
/// <param name="Leader">Who builds it; zero while the line is unknown.</param>
/// <param name="FromSeq">The first frag of that leader; those before it are from who had it before.</param>
/// <param name="Seal">Hash of the block when it is sealed.</param>
public readonly record struct BlockLead(
    ulong Number, Hash256 ParentHash, int Round, Address Leader, ulong FromSeq, Hash256? Seal);

/// <summary>
/// A block changed hands: what was held of it from a frag on is void, and with it everything above the block.
/// </summary>
/// <param name="Number">The block.</param>
/// <param name="FromSeq">The first void frag. Those before it stand.</param>
/// <param name="Leader">Who goes on.</param>
/// <param name="WasSealed">Whether a seal that stood is void, so that a committed block has to be undone.</param>
public readonly record struct LeadChange(ulong Number, ulong FromSeq, Address Leader, bool WasSealed)
{
    /// <summary>As the first void frag: all frags stand, only the seal is void.</summary>
    public const ulong OnlyTheSeal = ulong.MaxValue;
}

/// <summary>
/// Decides who builds each block that is not settled, from signed messages alone. The decision depends on which
/// messages are there and not on their order, and the clock only says from when on a take counts: so nodes that have
/// the same messages and whose clocks have passed the same time agree. No I/O and no clock; one thread.
/// </summary>
/// <remarks>
/// States of a block, all of them functions of the messages that are there (docs/protocol.md has the rules):
/// <code>
/// state        condition                                               next
/// Unknown      the schedule says who is in the line                    Led by round 0
/// Led by r     a take of a higher round counts                         Led by that round, from the take's frag on
/// Led by r     a seal of a round that counts                           Sealed by that round
/// Sealed by r  a seal of a lower round that counts, and no child       Sealed by the lower round
/// Sealed by r  an Env for the next block names another seal's hash     Sealed by that seal's round
/// any          TrySettle or Settle                                     settled; nothing changes it any more
/// </code>
/// A take counts when its proof is right and either its time came or who had the block before handed it over to it.
/// </remarks>
public sealed class HandOverCore
{
    /// <summary>Blocks past the settled one that messages are kept for.</summary>
    public const int WindowBlocks = 16;

    /// <summary>Sealed blocks above one that settle it, whoever sealed them.</summary>
    public const int SettleDepth = WindowBlocks / 2;

    /// <summary>Frags of one signer and block that are kept: 41 s of a frag each 10 ms.</summary>
    public const ulong FragsMax = 4096;

    private readonly ILeaderSchedule _schedule;
    private readonly Dictionary<ulong, BlockFacts> _blocks = new(WindowBlocks + 1);
    private readonly List<(BlockLead Lead, LeadRule Rule)> _leads = new(WindowBlocks);
    private readonly Queue<LeadChange> _changes = new();
    private long _nowNs = long.MinValue;

    /// <summary>Starts at a head.</summary>
    /// <param name="schedule">Whose turn it is.</param>
    /// <param name="options">The numbers of the time-out rule.</param>
    /// <param name="number">The last block that is settled.</param>
    /// <param name="hash">Its hash.</param>
    public HandOverCore(ILeaderSchedule schedule, RotationOptions options, ulong number, in Hash256 hash)
    {
        _schedule = schedule;
        Options = options;
        SettledNumber = number;
        SettledHash = hash;
        Decide(announce: false);
    }

    /// <summary>The numbers of the time-out rule.</summary>
    public RotationOptions Options { get; }

    /// <summary>The last block that nothing changes any more.</summary>
    public ulong SettledNumber { get; private set; }

    /// <summary>Its hash.</summary>
    public Hash256 SettledHash { get; private set; }

    /// <summary>The first block that is not sealed: the one to build or to replay.</summary>
    public BlockLead Open => _leads[^1].Lead;

    /// <summary>An Env was verified.</summary>
    public RotationNote OnEnv(ulong number, in Hash256 parentHash, in Address signer)
    {
        RotationNote note = Find(number, signer, out BlockFacts block, out SignerFacts facts);
        return note != RotationNote.Kept ? note : Changed(block, facts.AddEnv(parentHash));
    }

    /// <summary>
    /// A frag was verified. One that is refused when it is applied is not told: its place stays free for a better one.
    /// </summary>
    /// <param name="number">Its block.</param>
    /// <param name="seq">Its place.</param>
    /// <param name="root">Its hash_tree_root.</param>
    /// <param name="signer">Who signed it.</param>
    public RotationNote OnFrag(ulong number, ulong seq, in Hash256 root, in Address signer)
    {
        if (seq >= FragsMax)
        {
            return RotationNote.Malformed;
        }

        RotationNote note = Find(number, signer, out _, out SignerFacts facts);
        if (note == RotationNote.Kept && !facts.AddFrag(seq, root))
        {
            return RotationNote.Known;
        }

        return note;
    }

    /// <summary>A seal was verified.</summary>
    /// <param name="number">Its block.</param>
    /// <param name="totalFrags">The frags that it counts.</param>
    /// <param name="parentHash">The block before.</param>
    /// <param name="hash">Hash of the block.</param>
    /// <param name="signer">Who signed it.</param>
    public RotationNote OnSeal(
        ulong number, ulong totalFrags, in Hash256 parentHash, in Hash256 hash, in Address signer)
    {
        RotationNote note = Find(number, signer, out BlockFacts block, out SignerFacts facts);
        return note != RotationNote.Kept
            ? note
            : Changed(block, facts.AddSeal(new SealFact(totalFrags, parentHash, hash)));
    }

    /// <summary>Execution showed that a seal is wrong: it does not count any more.</summary>
    public RotationNote OnSealRefuted(ulong number, in Hash256 hash, in Address signer)
    {
        RotationNote note = Find(number, signer, out BlockFacts block, out SignerFacts facts);
        return note != RotationNote.Kept ? note : Changed(block, facts.Reject(hash));
    }

    /// <summary>A hand-over or a take was verified.</summary>
    public RotationNote OnHandOver(in HandOver message, in Address signer)
    {
        if (message.LastSeq > FragsMax || message.LastFragRoot.IsZero != (message.LastSeq == 0))
        {
            return RotationNote.Malformed;
        }

        bool isTake = message.NextLeader == signer;
        RotationNote note = Find(message.Number, signer, out BlockFacts block, out SignerFacts facts);
        if (note == RotationNote.Kept)
        {
            note = Changed(block, isTake ? facts.AddTake(message) : facts.AddLeave(message));
        }

        if (isTake || message.LastSeq > 0 || message.Number <= SettledNumber + 1)
        {
            return note;
        }

        // Between two blocks the leaving leader speaks about the next one, in whose line it need not be.
        RotationNote noteBefore = Find(message.Number - 1, signer, out block, out facts);
        return noteBefore == RotationNote.Kept ? Changed(block, facts.AddLeave(message)) : note;
    }

    /// <summary>A cancel was verified.</summary>
    public RotationNote OnCancel(in Cancel message, in Address signer)
    {
        RotationNote note = Find(message.BlockNumber, signer, out BlockFacts block, out SignerFacts facts);
        if (note != RotationNote.Kept)
        {
            return note;
        }

        switch (message.Reason)
        {
            case CancelReason.LeaderWithdrawn:
                return Changed(block, facts.Withdraw(message.FromSeq));
            case CancelReason.LeaderPassedOver:
                // It follows from the take, and is there for those who only look at what is void.
                return RotationNote.Kept;
            default:
                facts.Forget(message.FromSeq);
                return Changed(block, isNew: true);
        }
    }

    /// <summary>Applies the rules at a time. Call after messages and whenever <see cref="NextNs"/> has come.</summary>
    /// <param name="nowUnixNs">
    /// This node's clock, Unix nanoseconds; what is earlier than before is taken as before.
    /// </param>
    public void Advance(long nowUnixNs)
    {
        _nowNs = Math.Max(_nowNs, nowUnixNs);
        Decide(announce: true);
    }

    /// <summary>When a take that is here, or that may come for the open block, begins to count.</summary>
    public long NextNs
    {
        get
        {
            for (int round = 1; round < Succession.RoundsMax; round++)
            {
                long gate = GateNs(Open.Number, round);
                if (gate > _nowNs)
                {
                    return gate;
                }
            }

            return SlotClock.NeverNs;
        }
    }

    /// <summary>Takes the next change of hands. In order of the blocks.</summary>
    public bool TryTakeChange(out LeadChange change) => _changes.TryDequeue(out change);

    /// <summary>
    /// Settles the blocks that another sequencer has sealed a block above, or that are <see cref="SettleDepth"/> deep.
    /// What one sequencer alone built on itself is not settled by that: it may be the one that is cut off.
    /// </summary>
    /// <returns>Whether there were any; <see cref="SettledNumber"/> then moved.</returns>
    public bool TrySettle()
    {
        int top = _leads.FindLastIndex(entry => entry.Lead.Seal is not null);
        for (int place = top - 1; place >= 0; place--)
        {
            BlockLead lead = _leads[place].Lead;
            bool isConfirmed = top - place >= SettleDepth || LineOf(lead.Number).Count == 1;
            for (int above = place + 1; above <= top && !isConfirmed; above++)
            {
                isConfirmed = _leads[above].Lead.Leader != lead.Leader;
            }

            if (isConfirmed)
            {
                Settle(lead.Number, lead.Seal!.Value);
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Says that a block stands, whatever comes: it and what is below it are forgotten. For a node that fetched blocks
    /// by other means; else <see cref="TrySettle"/> does it.
    /// </summary>
    /// <param name="number">The block.</param>
    /// <param name="hash">Its hash.</param>
    public void Settle(ulong number, in Hash256 hash)
    {
        if (number <= SettledNumber)
        {
            return;
        }

        SettledNumber = number;
        SettledHash = hash;
        foreach (ulong old in _blocks.Keys.Where(block => block <= number).ToArray())
        {
            _blocks.Remove(old);
        }

        int known = _leads.FindIndex(entry => entry.Lead.Number == number);
        if (known >= 0 && _leads[known].Lead.Seal == hash)
        {
            _leads.RemoveRange(0, known + 1);
        }
        else
        {
            _leads.Clear();
        }

        Decide(announce: false);
    }

    /// <summary>Finds who builds a block by what is known; false past the open block.</summary>
    public bool TryGetLead(ulong number, out BlockLead lead)
    {
        int place = _leads.FindIndex(entry => entry.Lead.Number == number);
        lead = place >= 0 ? _leads[place].Lead : default;
        return place >= 0;
    }

    /// <summary>
    /// Finds whose frag belongs in a place. Of an Env, ask for frag 0; of a seal, for the frag of its total.
    /// </summary>
    public LeaderLookup LeaderOf(ulong number, ulong seq, out Address leader)
    {
        foreach ((BlockLead lead, LeadRule rule) in _leads)
        {
            if (lead.Number == number && rule.Count > 0)
            {
                leader = rule.OwnerOf(seq);
                return LeaderLookup.Known;
            }
        }

        return _schedule.LeaderOf(number, out leader);
    }

    /// <summary>The line of a block.</summary>
    public Succession LineOf(ulong number) => _blocks.TryGetValue(number, out BlockFacts? block)
        ? Refreshed(block)
        : Succession.Of(_schedule, number);

    /// <summary>How many frags of the open block are here without a gap, from frag 0 on.</summary>
    /// <param name="limit">No more than these are counted.</param>
    /// <param name="chain">The chain of hashes over them.</param>
    public ulong PrefixOfOpen(ulong limit, out Hash256 chain)
    {
        (BlockLead lead, LeadRule rule) = _leads[^1];
        return rule.Prefix(lead.Number, lead.ParentHash, limit, out chain, out _);
    }

    internal SignerFacts? FactsOf(ulong number, in Address signer) =>
        _blocks.TryGetValue(number, out BlockFacts? block) ? block.Of(signer) : null;

    internal IEnumerable<SignerFacts> OthersThan(ulong number, Address signer)
    {
        Succession line = LineOf(number);
        for (int round = 0; round < line.Count; round++)
        {
            if (line[round] != signer && FactsOf(number, line[round]) is { } facts)
            {
                yield return facts;
            }
        }
    }

    // Observers let a take count a little early, so that one whose clock is behind does not hold up all others.
    private long GateNs(ulong block, int round)
    {
        long take = Options.TakeNs(block, round);
        return take == SlotClock.NeverNs ? take : take - Options.SkewNs;
    }

    private RotationNote Find(ulong number, in Address signer, out BlockFacts block, out SignerFacts facts)
    {
        block = null!;
        facts = null!;
        if (number <= SettledNumber)
        {
            return RotationNote.Stale;
        }

        if (number - SettledNumber > WindowBlocks)
        {
            return RotationNote.TooFarAhead;
        }

        block = BlockOf(number);
        if (Refreshed(block).RoundOf(signer) < 0)
        {
            return block.Line.IsComplete ? RotationNote.NotInLine : RotationNote.LineUnknown;
        }

        return block.TryAdd(signer, out facts) ? RotationNote.Kept : RotationNote.NotInLine;
    }

    private BlockFacts BlockOf(ulong number)
    {
        if (!_blocks.TryGetValue(number, out BlockFacts? block))
        {
            block = new BlockFacts(number, Succession.Of(_schedule, number));
            _blocks.Add(number, block);
        }

        return block;
    }

    private Succession Refreshed(BlockFacts block)
    {
        if (block.Line.Version != _schedule.Version)
        {
            block.Line = Succession.Of(_schedule, block.Number);
            block.Version++;
        }

        return block.Line;
    }

    private static RotationNote Changed(BlockFacts block, bool isNew)
    {
        block.Version += isNew ? 1 : 0;
        return isNew ? RotationNote.Kept : RotationNote.Known;
    }

    private void Decide(bool announce)
    {
        ulong number = SettledNumber;
        Hash256 parent = SettledHash;
        int place = 0;
        while (number < ulong.MaxValue && place <= WindowBlocks)
        {
            number++;
            BlockFacts block = BlockOf(number);
            Refreshed(block);
            if (number < ulong.MaxValue && _blocks.TryGetValue(number + 1, out BlockFacts? child))
            {
                Refreshed(child);
            }
            else
            {
                child = null;
            }

            var rule = LeadRule.Of(this, block, parent, child);
            if (place < _leads.Count)
            {
                if (Replace(place, rule, announce))
                {
                    // Everything above rests on what is void now.
                    _leads.RemoveRange(place + 1, _leads.Count - place - 1);
                }
            }
            else
            {
                _leads.Add((rule.Lead, rule));
            }

            place++;
            if (rule.Lead.Seal is not { } hash)
            {
                _leads.RemoveRange(place, _leads.Count - place);
                return;
            }

            parent = hash;
        }
    }

    private bool Replace(int place, LeadRule rule, bool announce)
    {
        (BlockLead before, LeadRule ruleBefore) = _leads[place];
        _leads[place] = (rule.Lead, rule);
        bool wasSealed = before.Seal is not null && before.Seal != rule.Lead.Seal;
        ulong? from = rule.DiffersFrom(ruleBefore);
        if (before.ParentHash != rule.Lead.ParentHash)
        {
            from = 0;
        }

        if (announce && (from is not null || wasSealed))
        {
            ulong fromSeq = from ?? LeadChange.OnlyTheSeal;
            _changes.Enqueue(new LeadChange(before.Number, fromSeq, rule.Lead.Leader, wasSealed));
        }

        return wasSealed;
    }

    internal bool IsTime(ulong block, int round) => _nowNs >= GateNs(block, round);
}
