using System.Runtime.CompilerServices;

namespace Fragcast.Transport.Rings;

/// <summary>
/// What a consumer may read: everything that its upstream has passed. The upstream is the cursor of the ring, or one or
/// more other consumers, which is how chains and diamonds are made. Used by the one thread of its consumer.
/// </summary>
internal sealed class SequenceBarrier
{
    private readonly Sequence[] _upstream;
    private readonly Sequence _first;

    // Set when the upstream is the cursor of a ring with several producers: claimed is then not yet published.
    private readonly MultiProducerSequencer? _published;

    // Created with the barrier, so that nothing is allocated later, but registered with the upstream by the first wait
    // that parks: as long as none does, the upstream pays no fence.
    private readonly ParkingSignal _signal = new();
    private readonly SignalNode[] _nodes;
    private bool _isRegistered;

    public SequenceBarrier(Sequencer sequencer, ReadOnlySpan<Sequence> after)
    {
        _upstream = after.IsEmpty ? [sequencer.Cursor] : after.ToArray();
        _first = _upstream[0];
        _published = after.IsEmpty ? sequencer as MultiProducerSequencer : null;
        _nodes = NodesFor(_signal);
    }

    /// <summary>The highest sequence that may be read now; below <paramref name="wanted"/> when that may not.</summary>
    /// <param name="wanted">The first sequence that the consumer has not read.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Available(long wanted)
    {
        if (_published is not null)
            return _published.HighestPublished(wanted);
        return _upstream.Length == 1 ? _first.Value : SlowestUpstream();
    }

    /// <summary>Waits until <paramref name="wanted"/> may be read.</summary>
    /// <typeparam name="TWait">How to pass the time.</typeparam>
    /// <returns>
    /// The highest sequence that may be read; below <paramref name="wanted"/> when it never will be, because the ring
    /// is closed and drained or an upstream consumer has ended before it.
    /// </returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long WaitFor<TWait>(long wanted)
        where TWait : struct, IWaitStrategy
    {
        long available = Available(wanted);
        return available >= wanted ? available : WaitSlowly<TWait>(wanted);
    }

    /// <summary>Whether <paramref name="wanted"/> will never be readable.</summary>
    public bool HasEnded(long wanted)
    {
        foreach (Sequence upstream in _upstream)
        {
            // The flag is read first (acquire): the position read after it is final.
            if (!upstream.IsCompleted)
                continue;
            long final = _published is null ? upstream.Value : _published.HighestPublished(wanted);
            if (final < wanted)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Every advance of the upstream wakes <paramref name="signal"/> from now on, for a thread that sleeps on several
    /// rings, or in the kernel on something else.
    /// </summary>
    public void WakeOn(WakeSignal signal) => Register(NodesFor(signal));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long WaitSlowly<TWait>(long wanted)
        where TWait : struct, IWaitStrategy
    {
        for (int attempt = 0; ; attempt++)
        {
            long available = Available(wanted);
            if (available >= wanted || HasEnded(wanted))
                return available;
            if (!TWait.Relax(attempt))
                Park(wanted);
        }
    }

    private void Park(long wanted)
    {
        if (!_isRegistered)
        {
            Register(_nodes);
            _isRegistered = true;
        }

        int ticket = _signal.Prepare();
        if (Available(wanted) < wanted && !HasEnded(wanted))
            _signal.Wait(ticket, WakeSignal.InfiniteNs);
        else
            _signal.Disarm(ticket);
    }

    private SignalNode[] NodesFor(WakeSignal signal)
    {
        SignalNode[] nodes = new SignalNode[_upstream.Length];
        for (int i = 0; i < nodes.Length; i++)
            nodes[i] = new SignalNode(signal);
        return nodes;
    }

    private void Register(SignalNode[] nodes)
    {
        for (int i = 0; i < nodes.Length; i++)
            _upstream[i].AddSignal(nodes[i]);
    }

    private long SlowestUpstream()
    {
        long slowest = _first.Value;
        for (int i = 1; i < _upstream.Length; i++)
            slowest = Math.Min(slowest, _upstream[i].Value);
        return slowest;
    }
}
