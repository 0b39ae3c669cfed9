using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Transport.Udp;

/// <summary>
/// A zeroed array that the collector never moves, with its address: for structs that the kernel or a native library
/// reads. Freed by the collector, so that no pointer outlives it as long as its owner lives.
/// </summary>
internal readonly unsafe struct PinnedArray<T>
    where T : unmanaged
{
    private readonly T[] _array;

    public PinnedArray(int count)
    {
        _array = GC.AllocateArray<T>(count, pinned: true);
        Pointer = (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));
    }

    /// <summary>The first element.</summary>
    public T* Pointer { get; }

    /// <summary>The elements as a span.</summary>
    public Span<T> Span => _array;

    /// <summary>An element; the index is checked.</summary>
    public ref T this[int index] => ref _array[index];
}
