namespace Fragcast.Perf.Simulate;

/// <summary>
/// Messages in the order of the windows of time in which they arrive: one list for each window and lane of receivers,
/// made of blocks that are used again. A lane has its own to write to; who reads a window's list is the lane of the
/// receivers, when all lanes are past the windows in which it could be written to.
/// </summary>
internal sealed class Wheel
{
    /// <summary>
    /// Windows ahead at most: with windows of about a millisecond, four seconds. Queues are bounded or hold back what
    /// they have, so that no message is on its way for longer.
    /// </summary>
    public const int WindowsMax = 4096;

    private readonly BlockPool _pool;
    private readonly Block?[] _lists;
    private readonly int _lanes;

    public Wheel(BlockPool pool, int lanes)
    {
        _pool = pool;
        _lanes = lanes;
        _lists = new Block?[WindowsMax * lanes];
    }

    /// <summary>Adds a message.</summary>
    /// <param name="window">The number of the window, later than the one that runs.</param>
    /// <param name="lane">The receiver's lane.</param>
    /// <param name="message">Copied.</param>
    public void Add(long window, int lane, in SimMessage message)
    {
        ref Block? list = ref _lists[((int)(window & (WindowsMax - 1)) * _lanes) + lane];
        Block? block = list;
        if (block is null || block.Count == Block.Size)
            list = block = _pool.Take(block);
        block.Messages[block.Count++] = message;
    }

    /// <summary>The messages of a window for a lane, the last block first; null if there is none.</summary>
    public Block? Read(long window, int lane) => _lists[((int)(window & (WindowsMax - 1)) * _lanes) + lane];

    /// <summary>Gives the blocks of a list that was read back.</summary>
    public void Clear(long window, int lane)
    {
        ref Block? list = ref _lists[((int)(window & (WindowsMax - 1)) * _lanes) + lane];
        _pool.Return(list);
        list = null;
    }
}

/// <summary>Some messages of a list.</summary>
internal sealed class Block
{
    public const int Size = 256;

    public SimMessage[] Messages { get; } = new SimMessage[Size];

    public int Count { get; set; }

    public Block? Next { get; set; }
}

/// <summary>Blocks that no list has. Any thread.</summary>
internal sealed class BlockPool
{
    private readonly Lock _lock = new();
    private Block? _free;

    /// <summary>Takes a block, made if there is none.</summary>
    /// <param name="next">What comes after it in its list.</param>
    public Block Take(Block? next)
    {
        Block? block;
        lock (_lock)
        {
            block = _free;
            if (block is not null) _free = block.Next;
        }

        block ??= new Block();
        block.Count = 0;
        block.Next = next;
        return block;
    }

    /// <summary>Takes all blocks of a list back.</summary>
    public void Return(Block? first)
    {
        if (first is null) return;
        Block last = first;
        while (last.Next is { } next) last = next;
        lock (_lock)
        {
            last.Next = _free;
            _free = first;
        }
    }
}
