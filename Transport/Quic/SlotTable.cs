namespace Fragcast.Transport.Quic;

/// <summary>Something that a <see cref="SlotTable{T}"/> names.</summary>
internal interface ISlotItem
{
    /// <summary>Slot in the lower half, generation in the upper; never 0 while in a table.</summary>
    ulong Handle { get; set; }
}

/// <summary>
/// Objects by handle. A handle is a slot number and the generation of that slot, so that one that outlived its object
/// finds nothing. Looking up takes no lock and may be done by any thread; adding and removing take one.
/// </summary>
internal sealed class SlotTable<T>(int capacity)
    where T : class, ISlotItem
{
    private readonly Lock _changing = new();
    private readonly Stack<int> _free = new();
    private T?[] _items = [];
    private uint[] _generations = [];
    private int _used;

    /// <summary>Objects in the table.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an object and gives it its handle; false if the table is full.</summary>
    public bool TryAdd(T item)
    {
        lock (_changing)
        {
            if (Count == capacity)
            {
                return false;
            }

            if (!_free.TryPop(out int slot))
            {
                slot = _used++;
                Grow();
            }

            // Generations start at 1 and skip 0, so that no handle is 0.
            if (++_generations[slot] == 0)
            {
                _generations[slot] = 1;
            }

            item.Handle = ((ulong)_generations[slot] << 32) | (uint)slot;
            Count++;
            // Release: who finds the object finds its handle.
            Volatile.Write(ref _items[slot], item);
            return true;
        }
    }

    /// <summary>The object of a handle; null if it is not in the table any more.</summary>
    public T? Find(ulong handle)
    {
        // Acquire: the array is read before its elements. An array that was replaced meanwhile may still show an
        // object that was removed; objects know by themselves that they are closed.
        T?[] items = Volatile.Read(ref _items);
        uint slot = (uint)handle;
        T? item = slot < (uint)items.Length ? Volatile.Read(ref items[slot]) : null;
        return item is not null && item.Handle == handle ? item : null;
    }

    /// <summary>Takes an object out; its handle finds nothing from now on.</summary>
    public void Remove(T item)
    {
        lock (_changing)
        {
            int slot = (int)(uint)item.Handle;
            if (_items[slot] != item)
            {
                return;
            }

            Volatile.Write(ref _items[slot], null);
            _free.Push(slot);
            Count--;
        }
    }

    /// <summary>The objects at this moment.</summary>
    public T[] ToArray()
    {
        lock (_changing)
        {
            return [.. _items.OfType<T>()];
        }
    }

    private void Grow()
    {
        if (_used <= _items.Length)
        {
            return;
        }

        int length = Math.Max(16, 2 * _items.Length);
        T?[] larger = new T?[length];
        _items.CopyTo(larger, 0);
        Array.Resize(ref _generations, length);
        // Release: a reader that finds the new array finds what was copied.
        Volatile.Write(ref _items, larger);
    }
}
