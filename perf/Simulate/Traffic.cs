namespace Fragcast.Perf.Simulate;

/// <summary>
/// The items of a run in their order: who publishes which and when. A leader publishes the first item of its turn when
/// its time is there and it has the one before, or half a second late.
/// </summary>
internal sealed class Traffic
{
    private const long HandOverWaitNs = 500_000_000;

    private readonly SimItem[] _items;
    private readonly SimConfig _config;

    public Traffic(SimConfig config)
    {
        _config = config;
        _items = new SimItem[config.Items];
        for (int i = 0; i < _items.Length; i++)
        {
            long scheduledNs = (i + 1) * config.IntervalNs;
            int turn = config.RotateNs == 0 ? 0 : (int)(i * config.IntervalNs / config.RotateNs);
            bool isFirst = i > 0 && config.RotateNs != 0 && turn != _items[i - 1].Turn;
            _items[i] = new SimItem
            {
                ScheduledNs = scheduledNs,
                PublishedNs = long.MaxValue,
                Leader = turn % config.Leaders,
                Turn = turn,
                IsFirst = isFirst,
                Length = config.FragBytes,
            };
        }
    }

    /// <summary>Number of items.</summary>
    public int Count => _items.Length;

    /// <summary>
    /// An item. Its leader's lane writes when it is published; others read when they have got something of it.
    /// </summary>
    public ref SimItem this[int item] => ref _items[item];

    /// <summary>The first item that a node publishes, or -1.</summary>
    public int FirstOf(int leader) => Next(leader, 0);

    /// <summary>The item that a leader publishes after one, or -1.</summary>
    public int NextOf(int leader, int item) => Next(leader, item + 1);

    /// <summary>When an item is due, if the one before it was decodable at its leader at a time.</summary>
    /// <param name="item">The item, whose predecessor of the same turn is published.</param>
    /// <param name="previousNs">For a turn's first item: when its leader had the item before; <see
    /// cref="long.MaxValue"/> when it does not have it yet.</param>
    public long DueNs(int item, long previousNs)
    {
        ref SimItem next = ref _items[item];
        if (next.IsFirst)
            return Math.Max(next.ScheduledNs, Math.Min(previousNs, next.ScheduledNs + HandOverWaitNs));
        return item == 0 ? next.ScheduledNs : _items[item - 1].PublishedNs + _config.IntervalNs;
    }

    private int Next(int leader, int from)
    {
        for (int i = from; i < _items.Length; i++)
        {
            if (_items[i].Leader == leader) return i;
        }

        return -1;
    }
}

/// <summary>An item of a run.</summary>
internal struct SimItem
{
    /// <summary>When it is to be published at the earliest.</summary>
    public long ScheduledNs;

    /// <summary>When it was.</summary>
    public long PublishedNs;

    /// <summary>Who publishes it.</summary>
    public int Leader;

    /// <summary>The number of the leader's turn.</summary>
    public int Turn;

    /// <summary>Bytes of the message.</summary>
    public int Length;

    /// <summary>Chunks that carry it, and chunks in all, as its leader cut it; 0 where it is not cut.</summary>
    public byte Data;

    /// <summary>Chunks in all.</summary>
    public byte Total;

    /// <summary>Whether it is the first of its leader's turn.</summary>
    public bool IsFirst;
}
