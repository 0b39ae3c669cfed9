using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Wire;
using Fragcast.Node.Tracing;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Transactions;
using Fragcast.Schedule;
using Fragcast.Transport.Rings;

namespace Fragcast.Node.Stages;

/// <summary>Settings of a sequencer's builder.</summary>
internal sealed record BuilderOptions
{
    /// <summary>The secp256k1 key that signs, 32 bytes.</summary>
    public required byte[] SequencerKey { get; init; }

    /// <summary>The address of that key, as the schedule names it.</summary>
    public required Address Signer { get; init; }

    /// <summary>Frags a block is cut into, at most one per transaction.</summary>
    public required int FragsPerBlock { get; init; }

    /// <summary>Time between two frags, in nanoseconds.</summary>
    public required long FragIntervalNs { get; init; }

    /// <summary>Peers to wait for before the first block.</summary>
    public required int WaitPeers { get; init; }
}

/// <summary>What the builder just did.</summary>
internal enum BuildStep : byte
{
    /// <summary>Nothing: it is not this node's turn, or not yet time.</summary>
    None = 0,

    /// <summary>
    /// A block of this node that it knows from its peers only is void and the cancel published.
    /// </summary>
    Cancelled,

    /// <summary>A block is open and its Env published.</summary>
    Opened,

    /// <summary>A frag is executed and published.</summary>
    Frag,

    /// <summary>The last frag of the block is executed and published.</summary>
    LastFrag,

    /// <summary>The block is committed and its seal published.</summary>
    Sealed,
}

/// <summary>
/// Builds the blocks that this node leads: opens, executes the pool's transactions in order, cuts a frag every
/// interval, seals. The work of the execute stage, on its thread.
/// </summary>
/// <remarks>
/// <code>
/// state      condition                                             next
/// Waiting    as below, and the next block is open already: this    Waiting, cancel published: the block starts afresh
///            node published it before it was restarted
/// Waiting    this node leads the next block; before its first      Building, Env published
///            one its peers are connected; at the start of an
///            epoch all of them said that they are there too
/// Building   the interval is over, transactions are left           Building, frag published
/// Building   the last frag is out                                  Waiting, committed and seal published
/// </code>
/// </remarks>
internal sealed class BlockBuilder(
    BuilderOptions options, Chain chain, ILeaderSchedule schedule, GossipNode gossip,
    RingBuffer<OutboundMessage> outbound)
{
    private Transaction[] _pool = [];
    private bool _building;
    private bool _hasLed;
    private int _fragCount;
    private int _nextFrag;
    private int _nextTransaction;
    private long _fragDueNs;
    private byte _attempt;

    /// <summary>The cancel of the last <see cref="BuildStep.Cancelled"/>.</summary>
    public CancelV0? LastCancel { get; private set; }

    /// <summary>Does the next step, if it is time for one.</summary>
    /// <param name="nowNs">The time.</param>
    /// <param name="trace">Gets the times of publication.</param>
    /// <param name="isOpen">Whether the next block is open, by this builder or by messages from the network.</param>
    /// <param name="attempt">How often the next block was cancelled.</param>
    public BuildStep DoWork(long nowNs, LatencyTrace trace, bool isOpen, byte attempt)
    {
        if (!_building)
        {
            return !MayStart() ? BuildStep.None : isOpen ? CancelForgotten(attempt) : Open(nowNs, attempt);
        }

        if (_nextFrag == _fragCount)
        {
            return Seal(trace);
        }

        return nowNs >= _fragDueNs ? CutFrag(nowNs, trace) : BuildStep.None;
    }

    /// <summary>
    /// The block was cancelled by another holder of this sequencer's key: what is under way here is given up, and what
    /// is left of the block is cancelled before the next one is opened.
    /// </summary>
    public void Abandon() => _building = false;

    private bool MayStart() =>
        !chain.IsFinished
        && schedule.LeaderOf(chain.HeadNumber + 1, out Address leader) == LeaderLookup.Known
        && leader == options.Signer
        && (_hasLed || gossip.ReadyCount >= options.WaitPeers)
        && (!chain.IsAtStartOfEpoch || gossip.AllPeersReached(new HeadNotice(chain.Epoch, chain.HeadNumber)));

    private BuildStep CancelForgotten(byte attempt)
    {
        LastCancel = new CancelV0
        {
            BlockNumber = chain.HeadNumber + 1,
            ParentHash = chain.HeadHash,
            FromSeq = 0,
            Reason = CancelReason.BuilderRestart,
        };
        _attempt = attempt;
        long sequence = Claim(out OutboundMessage message);
        message.Cancel = LastCancel;
        outbound.Publish(sequence);
        return BuildStep.Cancelled;
    }

    private BuildStep Open(long nowNs, byte attempt)
    {
        _attempt = attempt;
        EnvV0 env = chain.OpenOwn();
        _pool = chain.PoolOfNextBlock();
        _fragCount = Math.Max(1, Math.Min(options.FragsPerBlock, _pool.Length));
        _nextFrag = 0;
        _nextTransaction = 0;
        _fragDueNs = nowNs + options.FragIntervalNs;
        _building = true;
        _hasLed = true;
        long sequence = Claim(out OutboundMessage message);
        message.Env = env;
        outbound.Publish(sequence);
        return BuildStep.Opened;
    }

    private BuildStep CutFrag(long nowNs, LatencyTrace trace)
    {
        // Equal parts; the first ones are one longer when it does not divide.
        int left = _pool.Length - _nextTransaction;
        int fragsLeft = _fragCount - _nextFrag;
        int count = (left + fragsLeft - 1) / fragsLeft;
        ReadOnlySpan<Transaction> transactions = _pool.AsSpan(_nextTransaction, count);
        bool isLast = fragsLeft == 1;

        // What breaks the rules where it stands is left out, as from any pool.
        IReadOnlyList<Transaction> included = chain.ApplyOwn(transactions);
        long sequence = Claim(out OutboundMessage message);
        message.Frag = new FragHeader(chain.HeadNumber + 1, (ulong)_nextFrag, isLast, chain.OpenBlobGasUsed);
        foreach (Transaction transaction in included)
        {
            message.Transactions.Add(transaction.Raw);
        }

        trace.Record(new TraceRecord(
            TracePoint.Published, TraceSubject.Frag, chain.Epoch, chain.HeadNumber + 1, (ulong)_nextFrag,
            MonotonicClock.NowNs()));
        outbound.Publish(sequence);
        _nextTransaction += count;
        _nextFrag++;
        // From the due time and not from now, so that one late frag does not shift all that follow.
        _fragDueNs = Math.Max(_fragDueNs + options.FragIntervalNs, nowNs);
        return isLast ? BuildStep.LastFrag : BuildStep.Frag;
    }

    private BuildStep Seal(LatencyTrace trace)
    {
        SealV0 seal = chain.CommitOwn((ulong)_fragCount);
        _building = false;
        long sequence = Claim(out OutboundMessage message);
        message.Seal = seal;
        trace.Record(new TraceRecord(
            TracePoint.Published, TraceSubject.Seal, chain.Epoch, seal.BlockNumber, seal.TotalFrags,
            MonotonicClock.NowNs()));
        outbound.Publish(sequence);
        return BuildStep.Sealed;
    }

    private long Claim(out OutboundMessage message)
    {
        long sequence = outbound.Next();
        message = outbound[sequence];
        message.Epoch = chain.Epoch;
        message.Attempt = _attempt;
        message.Env = null;
        message.Seal = null;
        message.Cancel = null;
        message.Transactions.Clear();
        return sequence;
    }
}
