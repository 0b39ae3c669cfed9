namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// What a node knows of one item. Pooled: <see cref="Generation"/> tells an earlier use from a later one.
/// </summary>
internal sealed class ItemState<TChunk>
{
    /// <summary>Nodes that sent chunks of the item, the newest ones: whom to ask for more.</summary>
    public const int SendersMax = 4;

    /// <summary>Asked for while this node had nothing to give: answered when it has.</summary>
    public const int WaitingMax = 4;

    private readonly int[] _senders = new int[SendersMax];
    private readonly (int Node, byte Wanted, ChunkSet Have)[] _waiting =
        new (int Node, byte Wanted, ChunkSet Have)[WaitingMax];
    private TChunk[] _chunks = [];
    private int _senderCount;
    private int _waitingCount;
    private byte _residues;

    // Not properties: they are changed in place.
    public ChunkSet Have;
    public ChunkSet Relayed;

    /// <summary>The header; of an item that is known by its place only, the place and zeros.</summary>
    public ItemHeader Item { get; private set; }

    /// <summary>Its key in the order of items.</summary>
    public ulong Key { get; set; }

    /// <summary>Counts the uses of this object.</summary>
    public uint Generation { get; private set; }

    /// <summary>The seed of its draws.</summary>
    public ulong Seed { get; private set; }

    /// <summary>The leader's number, or -1.</summary>
    public int Leader { get; private set; }

    /// <summary>Whether any chunk came, so that k, n and the root are known.</summary>
    public bool IsKnown => Item.Data > 0;

    /// <summary>Whether enough chunks are there.</summary>
    public bool IsDecodable { get; set; }

    /// <summary>Whether this node is the leader of the item.</summary>
    public bool IsOwn { get; set; }

    /// <summary>The plan of an own item.</summary>
    public BroadcastPlan? Plan { get; set; }

    /// <summary>When the last new chunk came, or when it was missed.</summary>
    public long LastNs { get; set; }

    /// <summary>When repair is due; <see cref="long.MaxValue"/> when it is not wanted.</summary>
    public long RepairDueNs { get; set; }

    /// <summary>Requests sent so far.</summary>
    public int RepairAttempts { get; set; }

    /// <summary>
    /// With so many chunks here, the nodes near by have enough as well: leaves are not served any more.
    /// </summary>
    public int Enough { get; set; }

    /// <summary>Whether it is counted in a report.</summary>
    public bool IsReported { get; set; }

    /// <summary>Another item that is signed for the same place; one at most.</summary>
    public ItemState<TChunk>? Rival { get; set; }

    /// <summary>The chunks by index.</summary>
    public ReadOnlySpan<TChunk> Chunks => _chunks;

    /// <summary>Who sent chunks lately.</summary>
    public ReadOnlySpan<int> Senders => _senders.AsSpan(0, Math.Min(_senderCount, SendersMax));

    /// <summary>Who waits for chunks.</summary>
    public ReadOnlySpan<(int Node, byte Wanted, ChunkSet Have)> Waiting => _waiting.AsSpan(0, _waitingCount);

    /// <summary>Whether leaves have enough.</summary>
    public bool IsEnough => !Item.IsCopied && Have.Count > Enough;

    /// <summary>Chunks that are still needed; of an unknown item one, whatever it is.</summary>
    public int Missing
    {
        get
        {
            if (IsDecodable)
            {
                return 0;
            }

            if (!IsKnown)
            {
                return 1;
            }

            int have = Item.IsCopied ? System.Numerics.BitOperations.PopCount(_residues) : Have.Count;
            return Item.Data - have;
        }
    }

    /// <summary>Starts a use.</summary>
    public void Open(in ItemHeader item, ulong key, ulong seed, int leader, long nowNs)
    {
        Generation++;
        Item = item;
        Key = key;
        Seed = seed;
        Leader = leader;
        LastNs = nowNs;
        RepairDueNs = long.MaxValue;
        EnsureRoom();
    }

    /// <summary>The first chunk of an item that was known by its place came.</summary>
    public void Learn(in ItemHeader item)
    {
        Item = item;
        EnsureRoom();
    }

    /// <summary>Keeps a chunk; its index is not in <see cref="Have"/> yet.</summary>
    public void Put(byte index, TChunk chunk)
    {
        Have.Add(index);
        _chunks[index] = chunk;
        if (Item.IsCopied)
        {
            _residues |= (byte)(1 << (index % Item.Data));
        }
    }

    /// <summary>Remembers a sender; each once.</summary>
    public void AddSender(int node)
    {
        if (!Senders.Contains(node))
        {
            _senders[_senderCount++ % SendersMax] = node;
        }
    }

    /// <summary>Remembers who asked; false when enough wait already.</summary>
    public bool AddWaiting(int node, byte wanted, in ChunkSet have)
    {
        for (int i = 0; i < _waitingCount; i++)
        {
            if (_waiting[i].Node == node)
            {
                _waiting[i] = (node, wanted, have);
                return true;
            }
        }

        if (_waitingCount == WaitingMax)
        {
            return false;
        }

        _waiting[_waitingCount++] = (node, wanted, have);
        return true;
    }

    /// <summary>Nobody waits any more.</summary>
    public void ClearWaiting() => _waitingCount = 0;

    /// <summary>Ends a use; the chunks go back to their owner.</summary>
    public void Close<TLink>(ref TLink link)
        where TLink : struct, IBroadcastLink<TChunk>
    {
        Rival?.Close(ref link);
        Rival = null;
        for (int i = 0; i < Item.Total; i++)
        {
            if (Have.Contains((byte)i))
            {
                link.Release(_chunks[i]);
                _chunks[i] = default!;
            }
        }

        Generation++;
        Item = default;
        Have = default;
        Relayed = default;
        Plan = null;
        IsDecodable = false;
        IsOwn = false;
        IsReported = false;
        RepairAttempts = 0;
        Enough = 0;
        RepairDueNs = long.MaxValue;
        _senderCount = 0;
        _waitingCount = 0;
        _residues = 0;
    }

    private void EnsureRoom()
    {
        if (_chunks.Length < Item.Total)
        {
            // The largest item of a stream comes early; after it nothing is allocated any more.
            _chunks = new TChunk[Item.Total];
        }
    }
}
