namespace Fragcast.Perf.Simulate;

/// <summary>
/// When each node had the first of each item, and when it could put it together: written while the run goes on, by the
/// lane of the node, and read when it is over.
/// </summary>
internal sealed class Recorder
{
    // Sixteen nanoseconds fit a minute into 32 bits, which bounds a run at 10,000 nodes and 1,000 items to 80 MB of it.
    private const int UnitBits = 4;

    private readonly uint[] _first;
    private readonly uint[] _decodable;
    private readonly int _items;

    public Recorder(int nodes, int items)
    {
        _items = items;
        _first = new uint[(long)nodes * items];
        _decodable = new uint[(long)nodes * items];
    }

    /// <summary>A part of an item has arrived.</summary>
    /// <returns>Whether it is the first.</returns>
    public bool MarkFirst(int node, int item, long afterNs) => Mark(_first, node, item, afterNs);

    /// <summary>An item can be put together.</summary>
    /// <returns>False if it could before.</returns>
    public bool MarkDecodable(int node, int item, long afterNs) => Mark(_decodable, node, item, afterNs);

    /// <summary>Whether a node can put an item together.</summary>
    public bool IsDecodable(int node, int item) => _decodable[((long)node * _items) + item] != 0;

    /// <summary>How long after its publication the first of an item was there; -1 if never.</summary>
    public long FirstNs(int node, int item) => Read(_first, node, item);

    /// <summary>How long after its publication an item could be put together; -1 if never.</summary>
    public long DecodableNs(int node, int item) => Read(_decodable, node, item);

    private bool Mark(uint[] table, int node, int item, long afterNs)
    {
        ref uint entry = ref table[((long)node * _items) + item];
        if (entry != 0) return false;
        entry = (uint)Math.Min((afterNs >> UnitBits) + 1, uint.MaxValue);
        return true;
    }

    private long Read(uint[] table, int node, int item) =>
        ((long)table[((long)node * _items) + item] - 1) is var units && units < 0 ? -1 : units << UnitBits;
}
