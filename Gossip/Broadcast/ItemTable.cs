using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// The items that a node knows, in the order of their places, the oldest given up first. Bounded; nothing is allocated
/// once it was full.
/// </summary>
/// <remarks>
/// Keys stand beside the items in one array, so that looking one up, mostly one of the newest, touches a cache line or
/// two. What is given up leaves a mark: everything up to it is stale.
/// <code>
/// key: 1 bit next epoch | 31 bits block | 4 bits attempt | 3 bits kind in its order | 20 bits number | 5 bits segment
/// </code>
/// </remarks>
internal sealed class ItemTable<TChunk>
{
    /// <summary>No key: a place that cannot be.</summary>
    public const ulong NoKey = 0;

    private const int SegmentBits = 5;
    private const int NumberBits = 20;
    private const int AttemptBits = 4;
    private const int OrderShift = SegmentBits + NumberBits;
    private const int AttemptShift = OrderShift + 3;
    private const int BlockShift = AttemptShift + AttemptBits;
    private const ulong BlockMax = (1UL << (63 - BlockShift)) - 1;
    private const ulong NextEpoch = 1UL << 63;

    private readonly ulong[] _keys;
    private readonly ItemState<TChunk>[] _items;
    private readonly Stack<ItemState<TChunk>> _free = new();
    private readonly int _mask;
    private int _first;
    private int _count;

    /// <summary>Makes an empty table.</summary>
    /// <param name="capacity">How many items are kept, a power of two.</param>
    public ItemTable(int capacity)
    {
        _keys = new ulong[capacity];
        _items = new ItemState<TChunk>[capacity];
        _mask = capacity - 1;
    }

    /// <summary>Items in the table.</summary>
    public int Count => _count;

    /// <summary>Everything up to this key is stale.</summary>
    public ulong Frontier { get; private set; }

    /// <summary>The i-th item from the oldest.</summary>
    public ItemState<TChunk> this[int i] => _items[(_first + i) & _mask];

    /// <summary>
    /// The key of a place; <see cref="NoKey"/> if it is of an epoch or of a size that is out of reach.
    /// </summary>
    public static ulong KeyOf(in ItemPlace place, uint epoch)
    {
        ulong order = place.Kind switch
        {
            EnvelopeKind.Env => 0UL,
            EnvelopeKind.Frag => 1UL,
            EnvelopeKind.Seal => 2UL,
            EnvelopeKind.Cancel => 3UL,
            _ => 4UL,
        };
        bool isNext = place.Epoch == epoch + 1;
        ulong attempt = AttemptSequence.Attempt(place.Sequence);
        ulong number = AttemptSequence.Number(place.Sequence);
        if ((place.Epoch != epoch && !isNext) || place.Block > BlockMax || attempt >= 1 << AttemptBits
            || number >= 1UL << NumberBits || place.Segment >= 1 << SegmentBits)
        {
            return NoKey;
        }

        ulong key = (place.Block << BlockShift) | (attempt << AttemptShift) | (order << OrderShift)
            | (number << SegmentBits) | place.Segment;
        key = isNext ? key | NextEpoch : key;

        // Past NoKey, which is also the key of block 0's Env.
        return key + 1;
    }

    /// <summary>Finds an item, or null.</summary>
    public ItemState<TChunk>? Find(ulong key)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            int at = (_first + i) & _mask;
            if (_keys[at] <= key)
            {
                return _keys[at] == key ? _items[at] : null;
            }
        }

        return null;
    }

    /// <summary>Makes room for an item and gives it, not yet opened; the oldest goes if the table is full.</summary>
    /// <returns>Null if the new one would be the oldest of a full table, or is behind the frontier.</returns>
    public ItemState<TChunk>? Insert<TLink>(ulong key, ref TLink link)
        where TLink : struct, IBroadcastLink<TChunk>
    {
        if (key <= Frontier || (_count == _keys.Length && key < _keys[_first]))
        {
            return null;
        }

        if (_count == _keys.Length)
        {
            RemoveFirst(ref link);
        }

        int i = _count++;
        while (i > 0 && _keys[(_first + i - 1) & _mask] > key)
        {
            _keys[(_first + i) & _mask] = _keys[(_first + i - 1) & _mask];
            _items[(_first + i) & _mask] = _items[(_first + i - 1) & _mask];
            i--;
        }

        ItemState<TChunk> item = NewState();
        _keys[(_first + i) & _mask] = key;
        _items[(_first + i) & _mask] = item;
        return item;
    }

    /// <summary>An item that is not in the table itself: the rival of one that is.</summary>
    public ItemState<TChunk> NewState() => _free.TryPop(out ItemState<TChunk>? state) ? state : new ItemState<TChunk>();

    /// <summary>Gives up everything up to a key.</summary>
    public void RemoveUpTo<TLink>(ulong key, ref TLink link)
        where TLink : struct, IBroadcastLink<TChunk>
    {
        while (_count > 0 && _keys[_first] <= key)
        {
            RemoveFirst(ref link);
        }

        Frontier = Math.Max(Frontier, key);
    }

    /// <summary>Gives up everything and forgets the frontier.</summary>
    public void Clear<TLink>(ref TLink link)
        where TLink : struct, IBroadcastLink<TChunk>
    {
        while (_count > 0)
        {
            RemoveFirst(ref link);
        }

        Frontier = 0;
    }

    private void RemoveFirst<TLink>(ref TLink link)
        where TLink : struct, IBroadcastLink<TChunk>
    {
        ItemState<TChunk> item = _items[_first];
        Frontier = Math.Max(Frontier, _keys[_first]);
        ItemState<TChunk>? rival = item.Rival;
        item.Close(ref link);
        _free.Push(item);
        if (rival is not null)
        {
            _free.Push(rival);
        }

        _items[_first] = null!;
        _first = (_first + 1) & _mask;
        _count--;
    }
}
