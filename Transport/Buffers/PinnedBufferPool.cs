using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fragcast.Transport.Rings;

namespace Fragcast.Transport.Buffers;

/// <summary>
/// A bounded set of equal buffers in memory that the collector never moves, for what comes from and goes to the
/// network: the kernel and native libraries get their addresses. Any thread may rent, share and release; nothing blocks
/// and nothing is allocated after construction.
/// </summary>
/// <remarks>
/// <para>
/// The slots lie in one array, so a <see cref="Memory{T}"/> of a slot is made from that array without an object of its
/// own. Pools differ by their slot size: one for datagrams, another for the messages assembled from them.
/// </para>
/// <para>
/// The free slots are a stack of slot numbers. Its head carries a count of the changes beside the number, because a
/// thread that has read head and successor may find the same head again after others have popped and pushed it with
/// another successor (the ABA problem); the count has moved then, and its compare-and-swap fails.
/// </para>
/// </remarks>
public sealed unsafe class PinnedBufferPool
{
    /// <summary>The usual size of a slot for one datagram: above the MTU of every path without jumbo frames.</summary>
    public const int DatagramSize = 2048;

    private const int None = -1;

    private readonly byte[] _memory;
    private readonly SlotState[] _states;
    private readonly byte* _start;
    private readonly int _firstOffset;

    // Low half: number of the slot on top, or None. High half: count of changes.
    private PaddedInt64 _head;

    /// <summary>Creates a pool and all of its slots, which live as long as the pool or a memory of it.</summary>
    /// <param name="slotCount">How many buffers there are: the bound.</param>
    /// <param name="slotSize">The bytes of each; rounded up to a multiple of <see cref="CacheLine.Size"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or the whole exceeds 2 GiB.</exception>
    public PinnedBufferPool(int slotCount, int slotSize = DatagramSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slotCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(slotSize, 1);
        long rounded = ((long)slotSize + CacheLine.Size - 1) / CacheLine.Size * CacheLine.Size;
        long total = (slotCount * rounded) + CacheLine.Size;
        if (total > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(slotCount), slotCount, $"The pool would need {total} bytes.");

        SlotCount = slotCount;
        SlotSize = (int)rounded;
        _memory = GC.AllocateUninitializedArray<byte>((int)total, pinned: true);
        byte* first = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        _firstOffset = (int)(-(nint)first & (CacheLine.Size - 1));
        _start = first + _firstOffset;

        _states = new SlotState[slotCount];
        for (int i = 0; i < slotCount; i++)
            _states[i].NextFree = i + 1 < slotCount ? i + 1 : None;
        _head.Value = Head(0, 0);
    }

    /// <summary>The number of buffers.</summary>
    public int SlotCount { get; }

    /// <summary>The size of each buffer in bytes.</summary>
    public int SlotSize { get; }

    /// <summary>
    /// The buffers that are rented and not yet given back, by looking at every slot: exact when no other thread is at
    /// work, else a moment's view. At the end of a test or of the process it is the number of leaks.
    /// </summary>
    public int Outstanding
    {
        get
        {
            int count = 0;
            for (int i = 0; i < _states.Length; i++)
            {
                // Acquire: not read ahead of the accesses that told the caller that all is given back.
                if (Holders(Volatile.Read(ref _states[i].Word)) != 0)
                    count++;
            }

            return count;
        }
    }

    /// <summary>Rents a buffer with one holder, of the full length and with whatever content it has.</summary>
    /// <param name="lease">The buffer; default when there is none.</param>
    /// <returns>False when every buffer is in use: the caller drops or waits, the pool does not grow.</returns>
    public bool TryRent(out BufferLease lease)
    {
        while (true)
        {
            // Acquire: the successor is read after the head that it belongs to.
            long head = Volatile.Read(ref _head.Value);
            int slot = (int)head;
            if (slot == None)
            {
                lease = default;
                return false;
            }

            // Another thread may take the slot and put it back meanwhile; this value is used only if none did.
            int next = Volatile.Read(ref _states[slot].NextFree);
            // Full fence: our use of the slot stays behind the exchange that made it ours.
            if (Interlocked.CompareExchange(ref _head.Value, Head(ChangeCount(head) + 1, next), head) != head)
                continue;

            // Plain: nobody else has this slot, and leases of earlier rounds only compare.
            long word = _states[slot].Word + 1;
            Debug.Assert(Holders(word) == 1, "A free slot has no holder.");
            Volatile.Write(ref _states[slot].Word, word);
            lease = new BufferLease(this, slot, Round(word), 0, SlotSize);
            return true;
        }
    }

    /// <summary>Adds a holder, if the slot is still in the round of the lease.</summary>
    internal void Retain(int slot, uint round)
    {
        ref long state = ref _states[slot].Word;
        long word = Volatile.Read(ref state);
        while (true)
        {
            if (Round(word) != round || Holders(word) == 0)
                ThrowStale();
            // Full fence: the holder is counted before it is handed on.
            long found = Interlocked.CompareExchange(ref state, word + 1, word);
            if (found == word)
                return;
            word = found;
        }
    }

    /// <summary>Takes a holder away; the last one frees the slot and begins its next round.</summary>
    internal void Release(int slot, uint round)
    {
        ref long state = ref _states[slot].Word;
        long word = Volatile.Read(ref state);
        while (true)
        {
            if (Round(word) != round || Holders(word) == 0)
                ThrowStale();
            bool isLast = Holders(word) == 1;
            long released = isLast ? (long)(round + 1UL) << 32 : word - 1;
            // Full fence: the holder's accesses to the memory stay before the exchange that lets go of it.
            long found = Interlocked.CompareExchange(ref state, released, word);
            if (found != word)
            {
                word = found;
                continue;
            }

            if (isLast)
                Push(slot);
            return;
        }
    }

    internal bool IsHeld(int slot, uint round)
    {
        long word = Volatile.Read(ref _states[slot].Word);
        return Round(word) == round && Holders(word) != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* Address(int slot) => _start + ((nint)slot * SlotSize);

    // The array is pinned: no handle is taken when somebody pins this memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Memory<byte> Memory(int slot, int offset, int length) =>
        MemoryMarshal.CreateFromPinnedArray(_memory, _firstOffset + (slot * SlotSize) + offset, length);

    private static long Head(uint changes, int slot) => ((long)changes << 32) | (uint)slot;

    private static uint ChangeCount(long head) => (uint)(head >> 32);

    private static uint Round(long word) => (uint)(word >> 32);

    private static uint Holders(long word) => (uint)word;

    [DoesNotReturn]
    private static void ThrowStale() => throw new InvalidOperationException(
        "A buffer was used after its last holder had released it: released twice, or shared without Retain.");

    private void Push(int slot)
    {
        long head = Volatile.Read(ref _head.Value);
        while (true)
        {
            _states[slot].NextFree = (int)head;
            // Full fence: the successor is visible before the slot can be found.
            long found = Interlocked.CompareExchange(ref _head.Value, Head(ChangeCount(head) + 1, slot), head);
            if (found == head)
                return;
            head = found;
        }
    }

    /// <summary>What is known of a slot; on lines of its own, since neighbours are held by other threads.</summary>
    [StructLayout(LayoutKind.Explicit, Size = CacheLine.Size)]
    internal struct SlotState
    {
        /// <summary>High half: the round, counted at each return to the pool. Low half: the holders.</summary>
        [FieldOffset(0)]
        public long Word;

        /// <summary>The next free slot, while this one is free.</summary>
        [FieldOffset(8)]
        public int NextFree;
    }
}
