namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// Bounds the memory of compiled regions. When they are too many, those that were entered least since the last look
/// are forgotten, in the order of a clock; the runtime collects a method when the last frame has left it.
/// </summary>
internal sealed class RegionCache(long sizeMax)
{
    /// <summary>
    /// What a region counts at least, however small it is: the runtime's bookkeeping of a method takes some 30 KB.
    /// </summary>
    public const int SizeLeast = 8192;

    // Times that a region must be entered between two looks to stay.
    private const int EntriesMin = 8;

    private readonly Lock _lock = new();
    private readonly Queue<Item> _items = new();

    /// <summary>
    /// The cache of the process: 16 MB of IL or 2,048 regions, which are about 60 MB of machine code and bookkeeping.
    /// </summary>
    public static RegionCache Shared { get; } = new(16 << 20);

    /// <summary>Bytes of IL of all regions.</summary>
    public long Size { get; private set; }

    /// <summary>Regions that were compiled.</summary>
    public long Compiled { get; private set; }

    /// <summary>Regions that were forgotten.</summary>
    public long Evicted { get; private set; }

    /// <summary>Makes room for a region of that many bytes of IL, and counts it. Any thread.</summary>
    public void Add(CompiledCode code, int block, int size)
    {
        size = Math.Max(size, SizeLeast);
        lock (_lock)
        {
            // Twice around at most: what is saved in the first round has to earn it again.
            for (var looks = _items.Count * 2; Size + size > sizeMax && looks > 0; looks--)
            {
                LookAtOldest();
            }

            _items.Enqueue(new Item(new WeakReference<CompiledCode>(code), block, size));
            Size += size;
            Compiled++;
        }
    }

    private void LookAtOldest()
    {
        var item = _items.Dequeue();
        if (item.Code.TryGetTarget(out var code) && !code.TryEvict(item.Block, EntriesMin))
        {
            _items.Enqueue(item);
            return;
        }

        Size -= item.Size;
        Evicted++;
    }

    // Does not keep the code of a state that is gone alive.
    private readonly record struct Item(WeakReference<CompiledCode> Code, int Block, int Size);
}
