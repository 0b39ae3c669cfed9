namespace Fragcast.Transport.Quic;

/// <summary>Something with a deadline in an <see cref="ExpiryHeap{T}"/>.</summary>
internal interface IExpiring
{
    /// <summary>Nanoseconds of the endpoint's clock.</summary>
    ulong ExpiryNs { get; set; }

    /// <summary>Place in the heap, -1 when it is in none.</summary>
    int HeapIndex { get; set; }
}

/// <summary>A binary heap of deadlines, in which each item knows its place. One thread.</summary>
internal sealed class ExpiryHeap<T>
    where T : class, IExpiring
{
    /// <summary>A deadline that never comes.</summary>
    public const ulong Never = ulong.MaxValue;

    private T[] _items = new T[16];
    private int _count;

    /// <summary>The earliest deadline.</summary>
    public ulong NextNs => _count == 0 ? Never : _items[0].ExpiryNs;

    /// <summary>The item whose deadline comes first; null if there is none.</summary>
    public T? First => _count == 0 ? null : _items[0];

    /// <summary>Sets a deadline, putting the item in if it is not.</summary>
    public void Set(T item, ulong expiryNs)
    {
        if (item.HeapIndex < 0)
        {
            if (_count == _items.Length)
            {
                Array.Resize(ref _items, 2 * _count);
            }

            item.ExpiryNs = expiryNs;
            Place(item, _count++);
            MoveUp(item);
            return;
        }

        bool isEarlier = expiryNs < item.ExpiryNs;
        item.ExpiryNs = expiryNs;
        if (isEarlier)
        {
            MoveUp(item);
        }
        else
        {
            MoveDown(item);
        }
    }

    /// <summary>Takes an item out; nothing happens if it is in no heap.</summary>
    public void Remove(T item)
    {
        int index = item.HeapIndex;
        if (index < 0)
        {
            return;
        }

        T last = _items[--_count];
        _items[_count] = null!;
        item.HeapIndex = -1;
        if (last != item)
        {
            Place(last, index);
            MoveUp(last);
            MoveDown(last);
        }
    }

    private void MoveUp(T item)
    {
        int index = item.HeapIndex;
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (_items[parent].ExpiryNs <= item.ExpiryNs)
            {
                break;
            }

            Place(_items[parent], index);
            index = parent;
        }

        Place(item, index);
    }

    private void MoveDown(T item)
    {
        int index = item.HeapIndex;
        while (true)
        {
            int child = (2 * index) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _items[child + 1].ExpiryNs < _items[child].ExpiryNs)
            {
                child++;
            }

            if (_items[child].ExpiryNs >= item.ExpiryNs)
            {
                break;
            }

            Place(_items[child], index);
            index = child;
        }

        Place(item, index);
    }

    private void Place(T item, int index)
    {
        _items[index] = item;
        item.HeapIndex = index;
    }
}
