using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>
/// A log of the transaction under way. Valid until the next log is added or the transaction ends: copy it out.
/// </summary>
public readonly ref struct LogView
{
    internal LogView(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
    {
        Address = address;
        Topics = topics;
        Data = data;
    }

    /// <summary>The account that logged.</summary>
    public Address Address { get; }

    /// <summary>Up to four topics.</summary>
    public ReadOnlySpan<Hash256> Topics { get; }

    /// <summary>The log's data.</summary>
    public ReadOnlySpan<byte> Data { get; }
}

/// <summary>Logs in order, their topics and data in two arenas that are reused by every transaction.</summary>
internal struct LogList
{
    private Entry[] _entries = new Entry[16];
    private Hash256[] _topics = new Hash256[64];
    private byte[] _data = new byte[4096];
    private int _topicCount;
    private int _dataLength;

    public LogList() { }

    private struct Entry
    {
        public Address Address;
        public int TopicStart;
        public int TopicCount;
        public int DataStart;
        public int DataLength;
    }

    public int Count { get; private set; }

    public readonly LogView this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            ref readonly var entry = ref _entries[index];
            return new LogView(
                entry.Address,
                _topics.AsSpan(entry.TopicStart, entry.TopicCount),
                _data.AsSpan(entry.DataStart, entry.DataLength));
        }
    }

    public void Add(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        EnsureRoom(ref _topics, _topicCount, topics.Length);
        EnsureRoom(ref _data, _dataLength, data.Length);
        topics.CopyTo(_topics.AsSpan(_topicCount));
        data.CopyTo(_data.AsSpan(_dataLength));
        _entries[Count++] = new Entry
        {
            Address = address,
            TopicStart = _topicCount,
            TopicCount = topics.Length,
            DataStart = _dataLength,
            DataLength = data.Length,
        };
        _topicCount += topics.Length;
        _dataLength += data.Length;
    }

    public void RemoveLast()
    {
        ref readonly var last = ref _entries[--Count];
        _topicCount = last.TopicStart;
        _dataLength = last.DataStart;
    }

    public void Clear()
    {
        Count = 0;
        _topicCount = 0;
        _dataLength = 0;
    }

    private static void EnsureRoom<T>(ref T[] array, int used, int added)
    {
        if (array.Length - used < added)
        {
            Array.Resize(ref array, Math.Max(array.Length * 2, used + added));
        }
    }
}
