namespace Fragcast.Gossip.Broadcast;

/// <summary>What a job sends.</summary>
internal enum JobKind : byte
{
    /// <summary>One chunk to one node.</summary>
    Single = 0,

    /// <summary>An own item's chunks to the next leaders, then to their roots, or to everybody.</summary>
    Publish,

    /// <summary>A chunk to the heads of a set of regions.</summary>
    Root,

    /// <summary>A chunk to the members of a part of this node's region, or to sub-heads among them.</summary>
    Cover,
}

/// <summary>The order in which jobs are served; a lower one first.</summary>
internal enum JobRank : byte
{
    /// <summary>Own items.</summary>
    Own = 0,

    /// <summary>What others relay further: it holds up more nodes than a leaf.</summary>
    Onward,

    /// <summary>Answers to requests.</summary>
    Repair,

    /// <summary>To leaves.</summary>
    Leaf,
}

/// <summary>Something to send, piece by piece, as the uplink allows.</summary>
internal struct EgressJob<TChunk>
{
    /// <summary>The item, as of <see cref="Generation"/>.</summary>
    public ItemState<TChunk> Item;

    /// <summary>The use of the item's object that is meant.</summary>
    public uint Generation;

    /// <summary>What it does.</summary>
    public JobKind Kind;

    /// <summary>The chunk.</summary>
    public byte Index;

    /// <summary>Single: the receiver. Cover: who sent the chunk, and so has it.</summary>
    public int Node;

    /// <summary>What the receiver is to do; of a root, the regions; of a cover, the part of the ring.</summary>
    public Duty Duty;

    /// <summary>How far it is.</summary>
    public int Cursor;

    /// <summary>Parts that a region, or the range, is cut into; 0 for one per member.</summary>
    public int Parts;

    /// <summary>Cover: the first rank.</summary>
    public int FirstRank;

    /// <summary>Cover: number of ranks.</summary>
    public int Ranks;

    /// <summary>When it was queued.</summary>
    public long QueuedNs;
}
