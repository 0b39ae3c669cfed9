using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Keccak-256 of 64 bytes, remembered. Solidity finds the slot of a mapping's entry that way, so a contract hashes the
/// same few inputs over and over. Direct-mapped: an entry gives way to the next one that falls on its place. One
/// thread.
/// </summary>
internal sealed unsafe class HashCache
{
    /// <summary>Length of the inputs that are remembered.</summary>
    public const int InputLength = 64;

    // 8,192 entries of 96 bytes are 768 KiB; pages that no hash falls on are never touched.
    private const int IndexBits = 13;

    private readonly Entry[] _array = GC.AllocateArray<Entry>(1 << IndexBits, pinned: true);
    private readonly Entry* _entries;

    // Which places are filled, so that clearing touches these only.
    private readonly ulong[] _filled = new ulong[(1 << IndexBits) / 64];

    public HashCache()
    {
        fixed (Entry* first = _array)
        {
            // The array lives on the pinned object heap and as long as the cache.
            _entries = first;
        }

        FillZero();
    }

    private struct Entry
    {
        public Vector256<byte> First;
        public Vector256<byte> Second;
        public UInt256 Hash;
    }

    /// <summary>Sets a stack word to the Keccak-256 of the 64 bytes at <paramref name="input"/>.</summary>
    public void Hash(byte* input, UInt256* result)
    {
        var entry = EntryOf(input);
        var differs = (entry->First ^ Vector256.Load(input)) | (entry->Second ^ Vector256.Load(input + 32));
        if (differs != Vector256<byte>.Zero)
        {
            Fill(entry, input);
        }

        Words.Copy(&entry->Hash, result);
    }

    /// <summary>Forgets all hashes.</summary>
    public void Clear()
    {
        for (int word = 0; word < _filled.Length; word++)
        {
            for (ulong bits = _filled[word]; bits != 0; bits &= bits - 1)
                _entries[(word * 64) + BitOperations.TrailingZeroCount(bits)] = default;
            _filled[word] = 0;
        }

        FillZero();
    }

    // An entry that was never filled holds the input zero, which is looked for in one place only.
    private void FillZero()
    {
        byte* zero = stackalloc byte[InputLength];
        new Span<byte>(zero, InputLength).Clear();
        Fill(EntryOf(zero), zero);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Fill(Entry* entry, byte* input)
    {
        int place = (int)(entry - _entries);
        _filled[place >> 6] |= 1UL << place;
        entry->Hash = Keccak256.Hash(new ReadOnlySpan<byte>(input, InputLength)).ToUInt256();
        entry->First = Vector256.Load(input);
        entry->Second = Vector256.Load(input + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Entry* EntryOf(byte* input)
    {
        // Inputs that are aimed at one place cost what a hash costs without the cache.
        var limbs = (ulong*)input;
        var mixed = Fold(limbs[0] ^ 0x9E3779B97F4A7C15, limbs[3] ^ 0xC2B2AE3D27D4EB4F)
            + Fold(limbs[1] ^ 0x165667B19E3779F9, limbs[7] ^ 0xD6E8FEB86659FD93)
            + Fold(limbs[2] ^ 0xA0761D6478BD642F, limbs[6] ^ 0xE7037ED1A0B428DB)
            + Fold(limbs[4] ^ 0x8EBC6AF09C88C6E3, limbs[5] ^ 0x589965CC75374CC3);
        return _entries + (mixed >> (64 - IndexBits));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
