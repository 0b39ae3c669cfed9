using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>
/// Transient storage (EIP-1153) of the transaction under way; emptied in constant time when it was not used.
/// </summary>
internal struct TransientStore
{
    private const int Initial = 16;

    // A transaction that stored more than this does not make the following ones keep, and clear, its tables.
    private const int KeptMax = 4096;

    private HandleIndex _index = new(Initial);
    private Entry[] _entries = new Entry[Initial];
    private readonly ulong _seed;
    private int _count;

    public TransientStore(ulong seed) => _seed = seed;

    private struct Entry
    {
        public UInt256 Key;
        public UInt256 Value;
        public int Account;
    }

    public readonly UInt256 Get(int account, in UInt256 key)
    {
        if (_count == 0)
        {
            return UInt256.Zero;
        }

        var handle = Find(account, key, KeyHash.Of(account, key, _seed), out _);
        return handle < 0 ? UInt256.Zero : _entries[handle].Value;
    }

    /// <summary>The entry of a key, added with value zero when it is new.</summary>
    public int HandleOf(int account, in UInt256 key)
    {
        var hash = KeyHash.Of(account, key, _seed);
        var handle = Find(account, key, hash, out var position);
        if (handle >= 0)
        {
            return handle;
        }

        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, _count * 2);
        }

        handle = _count++;
        _entries[handle] = new Entry { Account = account, Key = key };
        _index.Insert(position, hash, handle);
        return handle;
    }

    public readonly ref UInt256 Value(int handle) => ref _entries[handle].Value;

    public void Clear()
    {
        if (_count == 0)
        {
            return;
        }

        _count = 0;
        if (_entries.Length > KeptMax)
        {
            _index = new HandleIndex(Initial);
            _entries = new Entry[Initial];
        }
        else
        {
            _index.Clear();
        }
    }

    private readonly int Find(int account, in UInt256 key, uint hash, out uint position)
    {
        for (position = _index.Start(hash); ; position = _index.Next(position))
        {
            var cell = _index.Cell(position);
            if (cell == 0)
            {
                return -1;
            }

            if ((uint)(cell >> 32) == hash)
            {
                var handle = (int)(uint)cell - 1;
                ref readonly var entry = ref _entries[handle];
                if (entry.Account == account && entry.Key == key)
                {
                    return handle;
                }
            }
        }
    }
}
