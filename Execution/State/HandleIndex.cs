using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>
/// Open-addressing index from a 32-bit hash to handles (array positions), linear probing, at most 3/4 full. A cell
/// holds the hash and the handle + 1, so that a probe touches an entry only when the hashes agree, and growth touches
/// none.
/// </summary>
internal struct HandleIndex
{
    private ulong[] _cells;
    private int _count;

    public HandleIndex(int capacity)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity + (capacity / 2)));
        _cells = new ulong[size];
    }

    /// <summary>Bytes that the cells take.</summary>
    public readonly long Bytes => (long)_cells.Length * sizeof(ulong);

    /// <summary>First position of the probe sequence of <paramref name="hash"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Start(uint hash) => hash & (uint)(_cells.Length - 1);

    /// <summary>The position after <paramref name="position"/> in a probe sequence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly uint Next(uint position) => (position + 1) & (uint)(_cells.Length - 1);

    /// <summary>Cell at a position: 0 if free, else hash in the high and handle + 1 in the low half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Cell(uint position) =>
        Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_cells), position);

    /// <summary>Adds a handle whose probe sequence ended at the free <paramref name="position"/>.</summary>
    public void Insert(uint position, uint hash, int handle)
    {
        _cells[position] = ((ulong)hash << 32) | ((uint)handle + 1);
        _count++;
        if (_count > _cells.Length / 4 * 3)
        {
            Grow();
        }
    }

    public void Clear()
    {
        Array.Clear(_cells);
        _count = 0;
    }

    private void Grow()
    {
        var old = _cells;
        _cells = new ulong[old.Length * 2];
        foreach (var cell in old)
        {
            if (cell != 0)
            {
                var position = Start((uint)(cell >> 32));
                while (_cells[position] != 0)
                {
                    position = Next(position);
                }

                _cells[position] = cell;
            }
        }
    }
}

/// <summary>
/// Seeded hashes of table keys: folded 64 × 64-bit products, so that nobody can aim keys at one cell.
/// </summary>
internal static class KeyHash
{
    private const ulong K0 = 0x9E3779B97F4A7C15;
    private const ulong K1 = 0xC2B2AE3D27D4EB4F;
    private const ulong K2 = 0x165667B19E3779F9;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(in Address address, ulong seed)
    {
        ref var bytes = ref Unsafe.As<Address, byte>(ref Unsafe.AsRef(in address));
        var a = Unsafe.ReadUnaligned<ulong>(ref bytes);
        var b = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, 8));
        ulong c = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, 16));
        return (uint)Fold(Fold(a ^ seed, b ^ K1) ^ c, seed ^ K0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(int account, in UInt256 key, ulong seed)
    {
        var low = Fold(key.U0 ^ seed, key.U1 ^ K1 ^ ((ulong)(uint)account << 16));
        var high = Fold(key.U2 ^ K2, key.U3 ^ seed ^ K0);
        return (uint)Fold(low ^ K0, high ^ seed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
