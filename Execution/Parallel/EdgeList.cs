namespace Fragcast.Execution.Parallel;

/// <summary>
/// Which transaction waits for which: pairs that are collected in any order and then sorted by the one that is waited
/// for. Reused. Not thread-safe.
/// </summary>
internal sealed class EdgeList
{
    private int[] _from = new int[64];
    private int[] _to = new int[64];
    private int[] _starts = [];
    private int[] _incoming = [];
    private int[] _sorted = [];
    private int _count;

    public void Clear() => _count = 0;

    /// <summary>Adds that one transaction waits for another; a repetition of the last pair is passed over.</summary>
    public void Add(int from, int to)
    {
        if (_count > 0 && _from[_count - 1] == from && _to[_count - 1] == to) return;
        if (_count == _from.Length)
        {
            Array.Resize(ref _from, _count * 2);
            Array.Resize(ref _to, _count * 2);
        }

        _from[_count] = from;
        _to[_count++] = to;
    }

    /// <summary>Sorts what was added, for a number of transactions.</summary>
    public void Complete(int transactions)
    {
        FragSchedule.Reserve(ref _starts, transactions + 2);
        FragSchedule.Reserve(ref _incoming, transactions);
        FragSchedule.Reserve(ref _sorted, _count);
        Array.Clear(_starts, 0, transactions + 2);
        Array.Clear(_incoming, 0, transactions);

        // Counted two places ahead, so that placing the pairs moves each start to where it belongs.
        for (int i = 0; i < _count; i++)
        {
            _starts[_from[i] + 2]++;
            _incoming[_to[i]]++;
        }

        for (int i = 2; i < transactions + 2; i++) _starts[i] += _starts[i - 1];
        for (int i = 0; i < _count; i++) _sorted[_starts[_from[i] + 1]++] = _to[i];
    }

    public int IncomingOf(int transaction) => _incoming[transaction];

    public ReadOnlySpan<int> OutgoingOf(int transaction) =>
        _sorted.AsSpan(_starts[transaction], _starts[transaction + 1] - _starts[transaction]);
}
