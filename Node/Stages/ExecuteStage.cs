using Fragcast.Gossip;
using Fragcast.Gossip.Assembly;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Node.Tracing;
using Fragcast.Primitives.Messages;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Rings;
using Microsoft.Extensions.Logging;

namespace Fragcast.Node.Stages;

/// <summary>
/// Owns the chain: replays verified messages in order into the partial block, compares and commits at the seal, and
/// lets the builder work when this node leads.
/// </summary>
internal sealed class ExecuteStage : IStageWork
{
    // Few at a time, so that the builder's clock is looked at between them.
    private const int BatchMax = 8;

    private readonly RingBuffer<VerifiedMessage> _ring;
    private readonly RingReader<VerifiedMessage> _verified;
    private readonly Chain _chain;
    private readonly MessageGate _gate;
    private readonly GossipNode _gossip;
    private readonly RefusalLog _refusals;
    private readonly ILogger _logger;
    private readonly BlockBuilder? _builder;
    private readonly BlockAssembler<VerifiedMessage> _assembler;
    private readonly List<BufferLease> _openBlockBytes = [];
    private readonly List<CommittedBlock> _committed = [];

    /// <summary>Makes the stage.</summary>
    public ExecuteStage(
        RingBuffer<VerifiedMessage> verified, Chain chain, MessageGate gate, GossipNode gossip, RefusalLog refusals,
        ILogger logger, LatencyTrace trace, BlockBuilder? builder)
    {
        _ring = verified;
        _verified = verified.NewReader();
        _chain = chain;
        _gate = gate;
        _gossip = gossip;
        _refusals = refusals;
        _logger = logger;
        _builder = builder;
        Trace = trace;
        _assembler = new BlockAssembler<VerifiedMessage>(chain.Epoch, chain.HeadNumber, chain.HeadHash);
        Announce();
    }

    /// <summary>Called on this stage's thread after each committed block.</summary>
    public Action<CommittedBlock>? BlockCommitted { get; set; }

    /// <summary>
    /// Called on this stage's thread when the leader made its block void, wholly or from a frag on; what was void is
    /// already taken back.
    /// </summary>
    public Action<CancelV0>? BlockCancelled { get; set; }

    /// <summary>Called on this stage's thread when a leader says what it leaves behind.</summary>
    public Action<HandOverV0>? HandOverReceived { get; set; }

    /// <summary>Called on this stage's thread when the last block of the last repetition is committed.</summary>
    public Action? Finished { get; set; }

    /// <summary>Times taken.</summary>
    public LatencyTrace Trace { get; }

    /// <summary>Committed blocks in order; to be read once the stage is finished or stopped.</summary>
    public IReadOnlyList<CommittedBlock> Committed => _committed;

    /// <summary>Frags applied, own ones included; to be read once the stage is finished or stopped.</summary>
    public long Frags { get; private set; }

    /// <summary>Cancels applied, own ones included; to be read once the stage is finished or stopped.</summary>
    public long Cancels { get; private set; }

    /// <inheritdoc/>
    public bool IsEnded => _verified.IsEnded;

    /// <inheritdoc/>
    public int DoWork()
    {
        int work = 0;
        if (_verified.TryRead(BatchMax, out long low, out long high))
        {
            for (long sequence = low; sequence <= high; sequence++)
            {
                ref VerifiedMessage slot = ref _ring[sequence];
                VerifiedMessage message = slot;
                slot = default;
                _verified.Release(sequence);
                Offer(message);
            }

            work = (int)(high - low + 1);
        }

        return work + Build();
    }

    /// <summary>Has the stage woken when a message was verified.</summary>
    public void WakeOn(WakeSignal signal) => _verified.WakeOn(signal);

    /// <inheritdoc/>
    public void OnStop()
    {
        RingLeftovers.Release(_ring, _verified, static message => message.Bytes);
        ReleaseOpenBlock();
        foreach (VerifiedMessage held in _assembler.TakeAll())
        {
            held.Bytes.Release();
        }
    }

    private void Offer(in VerifiedMessage message)
    {
        switch (_assembler.Offer(message.Message.Place, message, out Refusal reason))
        {
            case Placement.Deliver:
                Apply(message);
                DrainHeld();
                break;
            case Placement.Refused:
                Refuse(message, reason);
                break;
            default:
                break;
        }
    }

    private void DrainHeld()
    {
        while (_assembler.TryTakeHeld(out VerifiedMessage message, out Placement placement, out Refusal reason))
        {
            if (placement == Placement.Deliver)
            {
                Apply(message);
            }
            else
            {
                Refuse(message, reason);
            }
        }
    }

    private void Apply(in VerifiedMessage message)
    {
        Refusal refusal = message.Message.Kind switch
        {
            EnvelopeKind.Env => ApplyEnv(message),
            EnvelopeKind.Frag => ApplyFrag(message),
            EnvelopeKind.Seal => ApplySeal(message),
            EnvelopeKind.Cancel => ApplyCancel(message),
            _ => ApplyHandOver(message),
        };
        if (refusal != Refusal.None)
        {
            _assembler.OnRefused();
            Refuse(message, refusal);
        }
    }

    private Refusal ApplyEnv(in VerifiedMessage message)
    {
        // An Env in turn means that the leader starts over; what was open is void.
        _chain.Discard();
        _assembler.OnVoided();
        ReleaseOpenBlock();
        Refusal refusal = _chain.Open(message.Message.Env!);
        if (refusal == Refusal.None)
        {
            _assembler.OnOpened();
            // The Env is decoded: nothing refers to its bytes any more.
            message.Bytes.Release();
        }

        return refusal;
    }

    private Refusal ApplyFrag(in VerifiedMessage message)
    {
        Refusal refusal = _chain.Apply(message.Transactions);
        if (refusal != Refusal.None)
        {
            return refusal;
        }

        long now = MonotonicClock.NowNs();
        Place place = message.Message.Place;
        _assembler.OnFragApplied(message.Message.Frag.IsLast);
        _openBlockBytes.Add(message.Bytes);
        Frags++;
        Record(TracePoint.Received, TraceSubject.Frag, place.Sequence, message.ReceivedNs);
        Record(TracePoint.Replayed, TraceSubject.Frag, place.Sequence, now);
        return Refusal.None;
    }

    private Refusal ApplySeal(in VerifiedMessage message)
    {
        Refusal refusal = _chain.Commit(message.Message.Seal!);
        if (refusal != Refusal.None)
        {
            return refusal;
        }

        long now = MonotonicClock.NowNs();
        ulong frags = message.Message.Seal!.TotalFrags;
        Record(TracePoint.Received, TraceSubject.Seal, frags, message.ReceivedNs, _chain.HeadNumber);
        Record(TracePoint.Committed, TraceSubject.Seal, frags, now, _chain.HeadNumber);
        message.Bytes.Release();
        OnCommitted((long)frags);
        return Refusal.None;
    }

    private Refusal ApplyCancel(in VerifiedMessage message)
    {
        _builder?.Abandon();
        Cancel(message.Message.Cancel!);
        message.Bytes.Release();
        return Refusal.None;
    }

    private Refusal ApplyHandOver(in VerifiedMessage message)
    {
        HandOverReceived?.Invoke(message.Message.HandOver!);
        message.Bytes.Release();
        return Refusal.None;
    }

    private void Cancel(CancelV0 cancel)
    {
        ulong takenBack = _assembler.OnCancelled(cancel.FromSeq);
        if (cancel.FromSeq == 0)
        {
            _chain.Discard();
            ReleaseOpenBlock();
        }
        else
        {
            TakeBack((int)takenBack);
        }

        Cancels++;
        _logger.LogInformation(
            "block {Block} is cancelled from frag {Frag} on: {Reason}",
            cancel.BlockNumber, cancel.FromSeq, cancel.Reason);
        BlockCancelled?.Invoke(cancel);
    }

    private void TakeBack(int frags)
    {
        for (int i = 0; i < frags; i++)
        {
            _chain.TakeBackFrag();
        }

        // A block is of one leader, so that either all of its frags have bytes here or, being this node's own, none.
        int first = Math.Max(0, _openBlockBytes.Count - frags);
        for (int i = first; i < _openBlockBytes.Count; i++)
        {
            _openBlockBytes[i].Release();
        }

        _openBlockBytes.RemoveRange(first, _openBlockBytes.Count - first);
    }

    private int Build()
    {
        if (_builder is null)
        {
            return 0;
        }

        BuildStep step = _builder.DoWork(MonotonicClock.NowNs(), Trace, _assembler.IsOpen, _assembler.Attempt);
        switch (step)
        {
            case BuildStep.Cancelled:
                Cancel(_builder.LastCancel!);
                break;
            case BuildStep.Opened:
                _assembler.OnOpened();
                break;
            case BuildStep.Frag:
                _assembler.OnFragApplied(isLast: false);
                Frags++;
                break;
            case BuildStep.LastFrag:
                _assembler.OnFragApplied(isLast: true);
                Frags++;
                break;
            case BuildStep.Sealed:
                OnCommitted((long)_assembler.AppliedFrags);
                DrainHeld();
                break;
            default:
                return 0;
        }

        return 1;
    }

    private void OnCommitted(long frags)
    {
        var block = new CommittedBlock(_chain.Epoch, _chain.HeadNumber, _chain.HeadHash.ToString(), frags);
        _committed.Add(block);
        ReleaseOpenBlock();
        _assembler.OnSealed(_chain.HeadHash);
        BlockCommitted?.Invoke(block);
        if (_chain.IsAtEndOfEpoch)
        {
            bool wasFinished = _chain.IsFinished;
            _chain.StartNextEpoch();
            _assembler.Restart(_chain.Epoch, _chain.HeadNumber, _chain.HeadHash);
            if (_chain.IsFinished && !wasFinished)
            {
                Finished?.Invoke();
            }
        }

        Announce();
    }

    private void Announce()
    {
        _gate.SetHead(_chain.Epoch, _chain.HeadNumber);
        _gossip.AnnounceHead(new HeadNotice(_chain.Epoch, _chain.HeadNumber));
    }

    private void Refuse(in VerifiedMessage message, Refusal reason)
    {
        message.Bytes.Release();
        _refusals.Refuse(message.Peer, reason, message.Message.Place);
        if (reason == Refusal.StateUnavailable)
        {
            _logger.LogError("block {Block}: the state that it touches is not here", message.Message.Place.BlockNumber);
        }
    }

    private void ReleaseOpenBlock()
    {
        foreach (BufferLease bytes in _openBlockBytes)
        {
            bytes.Release();
        }

        _openBlockBytes.Clear();
    }

    private void Record(TracePoint point, TraceSubject subject, ulong sequence, long timeNs, ulong? block = null) =>
        Trace.Record(new TraceRecord(
            point, subject, _chain.Epoch, block ?? _chain.HeadNumber + 1, sequence, timeNs));
}
