using Fragcast.Gossip;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Assembly;
using Fragcast.Gossip.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Transactions;
using Fragcast.Transport.Rings;

namespace Fragcast.Node.Stages;

/// <summary>
/// Lets pass what the scheduled leader signed: checks envelopes, decodes a frag's transactions and recovers their
/// senders, so that the execute stage has nothing left to do but execute.
/// </summary>
internal sealed class VerifyStage : IStageWork
{
    private const int BatchMax = 32;

    // In the ledger, refusals that are no peer's.
    private const int ThisNode = -1;

    private readonly RingBuffer<InboundMessage> _inboundRing;
    private readonly RingReader<InboundMessage> _inbound;
    private readonly RingBuffer<VerifiedMessage> _verified;
    private readonly MessageGate _gate;
    private readonly RefusalLog _refusals;
    private readonly EvidenceFolder? _evidence;
    private readonly Action<EvidenceRecord>? _evidenceFound;
    private readonly LeaderHold<InboundMessage> _hold = new();
    private readonly List<InboundMessage> _evicted = [];
    private long _scheduleVersion;
    private WakeSignal? _signal;

    /// <summary>Makes the stage between its two rings.</summary>
    public VerifyStage(
        RingBuffer<InboundMessage> inbound, RingBuffer<VerifiedMessage> verified, MessageGate gate,
        RefusalLog refusals, EvidenceFolder? evidence, Action<EvidenceRecord>? evidenceFound = null)
    {
        _evidence = evidence;
        _evidenceFound = evidenceFound;
        _inboundRing = inbound;
        _inbound = inbound.NewReader();
        _verified = verified;
        _gate = gate;
        _refusals = refusals;
    }

    /// <inheritdoc/>
    public bool IsEnded => _inbound.IsEnded;

    /// <inheritdoc/>
    public int DoWork()
    {
        int rechecked = RecheckHeld();
        if (!_inbound.TryRead(BatchMax, out long low, out long high))
        {
            return rechecked;
        }

        for (long sequence = low; sequence <= high; sequence++)
        {
            ref InboundMessage slot = ref _inboundRing[sequence];
            InboundMessage message = slot;
            slot = default;
            // Each message is given on as soon as it is checked: a batch must not hold back its first frag.
            Verify(message);
            _inbound.Release(sequence);
        }

        return (int)(high - low + 1);
    }

    /// <summary>Has the stage woken when something came in.</summary>
    public void WakeOn(WakeSignal signal)
    {
        _signal = signal;
        _inbound.WakeOn(signal);
    }

    /// <summary>Wakes the stage because the schedule learned something. Any thread.</summary>
    public void OnScheduleChanged()
    {
        // StoreLoad: the schedule's new version is visible before we look whether the stage is about to sleep.
        Interlocked.MemoryBarrier();
        _signal?.WakeIfArmed();
    }

    /// <inheritdoc/>
    public void OnStop()
    {
        RingLeftovers.Release(_inboundRing, _inbound, static message => message.Bytes);
        foreach (InboundMessage held in _hold.TakeAll())
        {
            held.Bytes.Release();
        }

        _verified.Close();
    }

    private int RecheckHeld()
    {
        long version = _gate.ScheduleVersion;
        if (version == _scheduleVersion)
        {
            return 0;
        }

        _scheduleVersion = version;
        InboundMessage[] held = _hold.TakeAll();
        int done = 0;
        try
        {
            for (; done < held.Length; done++)
            {
                Verify(held[done]);
            }
        }
        catch (RingClosedException)
        {
            // The one in hand is released already.
            for (int left = done + 1; left < held.Length; left++)
            {
                held[left].Bytes.Release();
            }

            throw;
        }

        return held.Length;
    }

    private void Hold(in InboundMessage inbound, in Place place)
    {
        ReadOnlyMemory<byte> bytes = inbound.Bytes.Memory;
        if (!_hold.TryAdd(inbound.Peer, place, Envelope.Signature(bytes.Span), bytes.Length, inbound, _evicted))
        {
            inbound.Bytes.Release();
        }

        foreach (InboundMessage evicted in _evicted)
        {
            evicted.Bytes.Release();
            // Counted, and not for the peer: that the leader is unknown is no fault of its.
            _refusals.Refuse(ThisNode, Refusal.LeaderNotYetKnown);
        }

        _evicted.Clear();
    }

    private void Verify(in InboundMessage inbound)
    {
        Refusal refusal = _gate.Check(inbound.Bytes.Memory, out GossipMessage message);
        if (refusal == Refusal.LeaderNotYetKnown)
        {
            Hold(inbound, message.Place);
            return;
        }

        Transaction[] transactions = [];
        if (refusal == Refusal.None && !TryDecode(message, out transactions))
        {
            refusal = Refusal.UndecodableTransaction;
        }

        if (refusal != Refusal.None)
        {
            inbound.Bytes.Release();
            _refusals.Refuse(inbound.Peer, refusal, message.Place);
            return;
        }

        if (message.Equivocates)
        {
            if (message.Evidence is { } evidence)
            {
                _evidence?.Add(evidence);
                _evidenceFound?.Invoke(evidence);
            }

            _refusals.Refuse(inbound.Peer, Refusal.Equivocation, message.Place);
        }

        long sequence;
        try
        {
            sequence = _verified.Next();
        }
        catch (RingClosedException)
        {
            inbound.Bytes.Release();
            throw;
        }

        _verified[sequence] = new VerifiedMessage
        {
            Peer = inbound.Peer,
            Bytes = inbound.Bytes,
            ReceivedNs = inbound.ReceivedNs,
            Message = message,
            Transactions = transactions,
        };
        _verified.Publish(sequence);
    }

    /// <summary>Decodes a frag's transactions and recovers their senders; other kinds have none.</summary>
    /// <param name="message">A verified message.</param>
    /// <param name="transactions">In order; slices of the message's bytes.</param>
    /// <returns>False when one has no valid form or no sender.</returns>
    internal static bool TryDecode(in GossipMessage message, out Transaction[] transactions)
    {
        FragTransactions raw = message.Frag.Transactions;
        if (message.Kind != EnvelopeKind.Frag || raw.Count == 0)
        {
            transactions = [];
            return true;
        }

        transactions = new Transaction[raw.Count];
        for (int i = 0; i < transactions.Length; i++)
        {
            if (Transaction.TryDecode(raw[i], out Transaction? transaction) != TxDecodeError.None
                || !transaction!.TryRecoverSender(out _))
            {
                return false;
            }

            transactions[i] = transaction;
        }

        return true;
    }
}
