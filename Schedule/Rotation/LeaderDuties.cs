using Fragcast.Primitives;
using Fragcast.Primitives.Messages;

namespace Fragcast.Schedule.Rotation;

/// <summary>What a sequencer has to do now.</summary>
public enum DutyKind : byte
{
    /// <summary>Nothing: another one has the block, or it is not yet time.</summary>
    Follow = 0,

    /// <summary>Publish an Env for the block.</summary>
    Open,

    /// <summary>Go on with the block: publish frags from <see cref="Duty.FromSeq"/> on, then the seal.</summary>
    Build,

    /// <summary>Publish nothing more of the block for now: the next in line may be taking it.</summary>
    Pause,

    /// <summary>Sign and publish <see cref="Duty.Take"/>, and tell the core about it.</summary>
    Take,

    /// <summary>Sign and publish <see cref="Duty.Cancel"/>: frags of who had the block before are void.</summary>
    Cancel,
}

/// <summary>A duty with what it needs.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Number">The block.</param>
/// <param name="ParentHash">The block before it.</param>
/// <param name="FromSeq">Of Build: the first frag that is this sequencer's.</param>
public readonly record struct Duty(DutyKind Kind, ulong Number, Hash256 ParentHash, ulong FromSeq)
{
    /// <summary>
    /// Of Build: when the block may be sealed, Unix nanoseconds. Who took a block because its time came waits half a
    /// grace: a seal of the one before that is still under way then arrives first, and nothing committed is undone.
    /// </summary>
    public long SealFromNs { get; init; }

    /// <summary>The message of <see cref="DutyKind.Take"/>.</summary>
    public HandOver Take { get; init; }

    /// <summary>The message of <see cref="DutyKind.Cancel"/>.</summary>
    public Cancel Cancel { get; init; }
}

/// <summary>
/// The side of one sequencer: says from a <see cref="HandOverCore"/> and the time what it has to do. Its own messages
/// are told to the core like everybody's. No I/O and no clock; the core's thread.
/// </summary>
/// <remarks>
/// Of the block to build, r the sequencer's place in its line, T(r) when that place may take it:
/// <code>
/// duty      condition                                                        next
/// Follow    has the block, no Env yet; the block's time came, or it was      Open
///           handed over
/// Open      its Env is known to the core                                     Build
/// Build     T(r + 1) less the skew came                                      Pause
/// Pause     everybody in the line had the time and nobody took it            Build
/// Follow    another has the block; T(r) came, or it was handed over          Take
/// Take      its take counts                                                  Open or Build
/// any       took a block, and frags of another come to light that it voids   Cancel, once; then as before
/// any       another one has the block by now                                 Follow
/// </code>
/// On a chain that is behind its clock the times run from when the block before was sealed here; that only delays this
/// sequencer, the rules that nodes have to agree on stay the core's.
/// </remarks>
/// <param name="core">What is known; told about each own message too.</param>
/// <param name="self">The sequencer's address.</param>
public sealed class LeaderDuties(HandOverCore core, Address self)
{
    private (ulong Number, Hash256 Parent) _since;
    private long _sinceNs;
    private BlockLead? _taken;

    /// <summary>
    /// Gives the duty of the moment. The core must have been advanced to the same time, and a node that is behind its
    /// peers fetches blocks first: what it does not know of looks like silence.
    /// </summary>
    /// <param name="nowUnixNs">This node's clock, Unix nanoseconds.</param>
    public Duty Next(long nowUnixNs)
    {
        BlockLead lead = core.Open;
        if (_since != (lead.Number, lead.ParentHash))
        {
            _since = (lead.Number, lead.ParentHash);
            _sinceNs = nowUnixNs;
        }

        if (_taken is { } taken && LeavesSomethingBehind(taken))
        {
            _taken = null;
            return Of(DutyKind.Cancel, taken) with
            {
                Cancel = new Cancel(taken.Number, taken.ParentHash, taken.FromSeq, CancelReason.LeaderPassedOver),
            };
        }

        Succession line = core.LineOf(lead.Number);
        int round = line.RoundOf(self);
        if (round < 0 || lead.Seal is not null)
        {
            return Of(DutyKind.Follow, lead);
        }

        return lead.Round == round ? Lead(lead, line, nowUnixNs) : Wait(lead, round, nowUnixNs);
    }

    /// <summary>
    /// The hand-over with which this sequencer leaves after its block, or null when it has the next one too.
    /// </summary>
    /// <param name="pending">Transactions that it has and did not include.</param>
    public HandOver? LeaveAfterBlock(uint pending)
    {
        BlockLead next = core.Open;
        return next.Leader == self || next.Leader.IsZero
            ? null
            : new HandOver(next.Number, next.ParentHash, 0, default, next.Leader, pending);
    }

    /// <summary>
    /// The hand-over with which this sequencer leaves in the middle of its block, or null when it has none or nobody
    /// comes after it.
    /// </summary>
    /// <param name="pending">Transactions that it has and did not include.</param>
    public HandOver? LeaveInBlock(uint pending)
    {
        BlockLead lead = core.Open;
        Succession line = core.LineOf(lead.Number);
        if (lead.Leader != self || lead.Round + 1 >= line.Count || lead.Seal is not null)
        {
            return null;
        }

        ulong frags = core.PrefixOfOpen(HandOverCore.FragsMax, out _);
        Hash256 root = default;
        if (frags > 0 && core.LeaderOf(lead.Number, frags - 1, out Address owner) == LeaderLookup.Known)
        {
            core.FactsOf(lead.Number, owner)?.TryGetFrag(frags - 1, out root);
        }

        return new HandOver(lead.Number, lead.ParentHash, frags, root, line[lead.Round + 1], pending);
    }

    private Duty Lead(in BlockLead lead, Succession line, long nowNs)
    {
        if (lead.Round + 1 < line.Count
            && nowNs >= TimeNs(lead.Number, lead.Round + 1) - core.Options.SkewNs
            && nowNs < TimeNs(lead.Number, line.Count))
        {
            return Of(DutyKind.Pause, lead);
        }

        if (core.FactsOf(lead.Number, self) is { WithdrawnFrom: not ulong.MaxValue })
        {
            return Of(DutyKind.Follow, lead);
        }

        bool isOpen = lead.FromSeq > 0 || core.FactsOf(lead.Number, self)?.OpenedOn(lead.ParentHash) == true;
        if (isOpen)
        {
            return Of(DutyKind.Build, lead) with { SealFromNs = SealFromNs(lead) };
        }

        bool mayOpen = lead.Round > 0 || !core.Options.Clock.IsSet
            || nowNs >= core.Options.Clock.StartNs(lead.Number) || IsGivenTheNext(lead);
        return Of(mayOpen ? DutyKind.Open : DutyKind.Follow, lead);
    }

    private Duty Wait(in BlockLead lead, int round, long nowNs)
    {
        if (round < lead.Round || core.FactsOf(lead.Number, self)?.Take is not null)
        {
            return Of(DutyKind.Follow, lead);
        }

        bool isTime = nowNs >= TimeNs(lead.Number, round);
        SignerFacts? holder = core.FactsOf(lead.Number, lead.Leader);
        ulong limit = holder?.WithdrawnFrom ?? ulong.MaxValue;
        bool isWithdrawn = limit != ulong.MaxValue && round == lead.Round + 1;
        HandOver? given = holder?.Leave is { } leave && leave.Number == lead.Number
            && leave.ParentHash == lead.ParentHash && leave.NextLeader == self ? leave : null;
        if (!isTime && !isWithdrawn && given is null)
        {
            return Of(DutyKind.Follow, lead);
        }

        ulong have = core.PrefixOfOpen(given?.LastSeq ?? HandOverCore.FragsMax, out Hash256 chain);
        if (!isTime && given is not null && have < given.Value.LastSeq)
        {
            // The missing frags are asked for; when they do not come in time, what is here has to do.
            return Of(DutyKind.Follow, lead);
        }

        _taken = lead with { Round = round, Leader = self, FromSeq = have };
        return Of(DutyKind.Take, lead) with
        {
            Take = new HandOver(
                lead.Number, lead.ParentHash, have, have == 0 ? default : PrefixChain.Taken(chain, self), self, 0),
        };
    }

    private long SealFromNs(in BlockLead lead)
    {
        if (lead.Round == 0)
        {
            return long.MinValue;
        }

        foreach (SignerFacts other in core.OthersThan(lead.Number, self))
        {
            if (other.WithdrawnFrom != ulong.MaxValue
                || (other.Leave is { } leave && leave.Number == lead.Number && leave.NextLeader == self))
            {
                return long.MinValue;
            }
        }

        return TimeNs(lead.Number, lead.Round) + (core.Options.GraceNs / 2);
    }

    private bool LeavesSomethingBehind(in BlockLead lead)
    {
        // The core has it in its hands by now, and nobody after this sequencer.
        if (!core.TryGetLead(lead.Number, out BlockLead now) || now.Leader != self)
        {
            return false;
        }

        foreach (SignerFacts other in core.OthersThan(lead.Number, self))
        {
            if (other.FragsEnd > lead.FromSeq || (lead.FromSeq == 0 && other.HasOpened))
            {
                return true;
            }
        }

        return false;
    }

    // The leader of the block before said that it is done: no need to wait for the time of this one.
    private bool IsGivenTheNext(BlockLead lead)
    {
        if (!core.TryGetLead(lead.Number - 1, out BlockLead before))
        {
            return false;
        }

        return Gives(core.FactsOf(lead.Number, before.Leader)?.Leave)
            || Gives(core.FactsOf(before.Number, before.Leader)?.Leave);

        bool Gives(HandOver? leave) => leave is { } given && given.Number == lead.Number
            && given.ParentHash == lead.ParentHash && given.NextLeader == self;
    }

    private long TimeNs(ulong block, int round)
    {
        RotationOptions options = core.Options;
        long rule = options.TakeNs(block, round);
        return rule == SlotClock.NeverNs
            ? rule
            : Math.Max(rule, _sinceNs + options.Clock.BlockTimeNs + (round * options.GraceNs));
    }

    private static Duty Of(DutyKind kind, in BlockLead lead) =>
        new(kind, lead.Number, lead.ParentHash, lead.FromSeq);
}
