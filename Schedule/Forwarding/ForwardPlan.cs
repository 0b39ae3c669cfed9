using Fragcast.Primitives;
using Fragcast.Schedule.Connect;

namespace Fragcast.Schedule.Forwarding;

/// <summary>What becomes of a transaction that was submitted here.</summary>
public enum ForwardResult : byte
{
    /// <summary>It is on its way to the leaders, and is remembered until it is in a block.</summary>
    Accepted = 0,

    /// <summary>It is on its way already, or was in a block lately.</summary>
    Duplicate,

    /// <summary>Too many wait; tell the submitter to come again.</summary>
    Full,
}

/// <summary>Where a <see cref="ForwardPlan{TLink}"/> sends to.</summary>
public interface IForwardLink
{
    /// <summary>
    /// Sends a transaction to a leader, or puts it into the own pool when this node is that leader. False when there is
    /// no connection yet or its queue is full: it is tried again.
    /// </summary>
    /// <param name="transaction">Its hash.</param>
    /// <param name="leader">The leader's signing address.</param>
    bool TrySend(in Hash256 transaction, in Address leader);
}

/// <summary>The numbers of a <see cref="ForwardPlan{TLink}"/>.</summary>
public sealed record ForwardOptions
{
    /// <summary>Transactions that wait for their inclusion: 16,384 of about 200 bytes are 3 MiB.</summary>
    public int PendingMax { get; init; } = 16_384;

    /// <summary>Hashes remembered after inclusion, so that a late copy is not sent again.</summary>
    public int IncludedMax { get; init; } = 16_384;

    /// <summary>Pause before a send that failed is tried again.</summary>
    public long RetryNs { get; init; } = 20_000_000;

    /// <summary>After that time without inclusion a transaction is forgotten.</summary>
    public long LifetimeNs { get; init; } = 120_000_000_000;
}

/// <summary>
/// Sends transactions that are submitted to this node to the current and to the next leader, directly. When the lead
/// changes before they are in a block, those that did not go to the new leaders yet are sent to them. What other nodes
/// forwarded is never given to a plan: it goes into the pool and no further, so that a transaction makes one hop. No
/// I/O and no clock; one thread. The owner keeps the transactions' bytes by their hashes.
/// </summary>
/// <typeparam name="TLink">Where to send to.</typeparam>
public sealed class ForwardPlan<TLink>(TLink link, ForwardOptions options)
    where TLink : struct, IForwardLink
{
    // The current and the next leader.
    private const int TargetsMax = 2;

    // Leaders that a transaction went to, remembered for each; the oldest is forgotten.
    private const int SentMax = 8;

    // Sends and looks of one call, so that a change of the lead does not hold up the thread.
    private const int WorkMax = 1024;

    private readonly Dictionary<Hash256, Pending> _pending = [];
    private readonly LinkedList<Pending> _byAge = [];
    private readonly Queue<Pending> _due = new();
    private readonly HashSet<Hash256> _included = [];
    private readonly Queue<Hash256> _includedOrder = new();
    private readonly Address[] _targets = new Address[TargetsMax];
    private int _targetCount;
    private long _retryAtNs = long.MinValue;

    /// <summary>Transactions that wait for their inclusion.</summary>
    public int Count => _pending.Count;

    /// <summary>Sends so far.</summary>
    public long Sent { get; private set; }

    /// <summary>Transactions that were forgotten before they were in a block.</summary>
    public long Expired { get; private set; }

    /// <summary>Raised on the plan's thread when a transaction's bytes are needed no more.</summary>
    public Action<Hash256>? Dropped { get; set; }

    /// <summary>A transaction was submitted to this node.</summary>
    public ForwardResult Submit(in Hash256 transaction, long nowNs)
    {
        if (_pending.ContainsKey(transaction) || _included.Contains(transaction))
        {
            return ForwardResult.Duplicate;
        }

        // What was dropped leaves the queue when its turn comes.
        if (_pending.Count >= options.PendingMax || _due.Count >= 2 * options.PendingMax)
        {
            return ForwardResult.Full;
        }

        var entry = new Pending(transaction, nowNs);
        entry.Place = _byAge.AddLast(entry);
        _pending.Add(transaction, entry);
        if (!Send(entry))
        {
            Queue(entry);
            _retryAtNs = Math.Max(_retryAtNs, nowNs + options.RetryNs);
        }

        return ForwardResult.Accepted;
    }

    /// <summary>A transaction is in a block or in a frag that stands.</summary>
    public void OnIncluded(in Hash256 transaction)
    {
        if (_included.Add(transaction))
        {
            _includedOrder.Enqueue(transaction);
            if (_includedOrder.Count > options.IncludedMax)
            {
                _included.Remove(_includedOrder.Dequeue());
            }
        }

        if (_pending.TryGetValue(transaction, out Pending? entry))
        {
            Drop(entry);
        }
    }

    /// <summary>
    /// The leaders of the moment. Call when the head or the schedule moved; sends nothing, <see cref="Tick"/> does.
    /// </summary>
    /// <param name="upcoming">The current leader first, see <see cref="Lookahead.Leaders"/>.</param>
    public void SetLeaders(IReadOnlyList<UpcomingLeader> upcoming)
    {
        int count = Math.Min(TargetsMax, upcoming.Count);
        bool isNew = false;
        for (int i = 0; i < count; i++)
        {
            isNew |= Array.IndexOf(_targets, upcoming[i].Leader, 0, _targetCount) < 0;
        }

        _targetCount = count;
        for (int i = 0; i < count; i++)
        {
            _targets[i] = upcoming[i].Leader;
        }

        if (isNew)
        {
            _retryAtNs = long.MinValue;
            foreach (Pending entry in _byAge)
            {
                Queue(entry);
            }
        }
    }

    /// <summary>Sends what is due, and forgets what is too old.</summary>
    /// <returns>Whether more is due at once.</returns>
    public bool Tick(long nowNs)
    {
        while (_byAge.First is { } oldest && nowNs - oldest.Value.SubmittedNs >= options.LifetimeNs)
        {
            Expired++;
            Drop(oldest.Value);
        }

        if (nowNs < _retryAtNs)
        {
            return false;
        }

        int work = Math.Min(WorkMax, _due.Count);
        bool failed = false;
        for (int i = 0; i < work; i++)
        {
            Pending entry = _due.Dequeue();
            entry.IsQueued = false;
            if (entry.Place.List is not null && !Send(entry))
            {
                failed = true;
                Queue(entry);
            }
        }

        if (failed)
        {
            _retryAtNs = nowNs + options.RetryNs;
        }

        return !failed && _due.Count > 0;
    }

    private bool Send(Pending entry)
    {
        bool all = _targetCount > 0;
        for (int i = 0; i < _targetCount; i++)
        {
            if (entry.SentTo.Contains(_targets[i]))
            {
                continue;
            }

            if (!link.TrySend(entry.Hash, _targets[i]))
            {
                all = false;
                continue;
            }

            Sent++;
            if (entry.SentTo.Count == SentMax)
            {
                entry.SentTo.RemoveAt(0);
            }

            entry.SentTo.Add(_targets[i]);
        }

        return all;
    }

    private void Queue(Pending entry)
    {
        if (!entry.IsQueued)
        {
            entry.IsQueued = true;
            _due.Enqueue(entry);
        }
    }

    private void Drop(Pending entry)
    {
        _pending.Remove(entry.Hash);
        _byAge.Remove(entry.Place);
        Dropped?.Invoke(entry.Hash);
    }

    private sealed class Pending(Hash256 hash, long submittedNs)
    {
        public Hash256 Hash { get; } = hash;

        public long SubmittedNs { get; } = submittedNs;

        public List<Address> SentTo { get; } = new(TargetsMax);

        public LinkedListNode<Pending> Place { get; set; } = null!;

        public bool IsQueued { get; set; }
    }
}
