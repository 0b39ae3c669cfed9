using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fragcast.Gossip.Chunks.Coding;

/// <summary>Arithmetic of <see cref="GaloisField"/> on all bytes of a vector at once.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="TFactor">A factor in the form that a product needs.</typeparam>
internal unsafe interface IFieldLanes<TVector, TFactor>
{
    /// <summary>Bytes of a vector.</summary>
    static abstract int Width { get; }

    /// <summary>Reads a vector from any address.</summary>
    static abstract TVector Load(byte* source);

    /// <summary>Writes a vector to any address.</summary>
    static abstract void Store(TVector value, byte* target);

    /// <summary>Makes a factor ready.</summary>
    /// <param name="factor">The element, four times over.</param>
    static abstract TFactor Factor(uint factor);

    /// <summary><paramref name="sum"/> plus <paramref name="value"/> times a factor.</summary>
    static abstract TVector MultiplyAdd(TVector sum, TVector value, TFactor factor);
}

/// <summary>Products of all low and all high nibbles with one factor, as indices of a byte shuffle.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal readonly struct NibbleFactor<TVector>(TVector low, TVector high)
{
    public readonly TVector Low = low;
    public readonly TVector High = high;
}

/// <summary>64 bytes; one instruction multiplies them (GFNI with AVX-512).</summary>
internal readonly unsafe struct Gfni512Lanes : IFieldLanes<Vector512<byte>, Vector512<byte>>
{
    public static int Width => Vector512<byte>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(byte* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<byte> value, byte* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Factor(uint factor) => Vector512.Create(factor).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyAdd(Vector512<byte> sum, Vector512<byte> value, Vector512<byte> factor) =>
        sum ^ Gfni.V512.GaloisFieldMultiply(value, factor);
}

/// <summary>32 bytes; one instruction multiplies them (GFNI with AVX).</summary>
internal readonly unsafe struct Gfni256Lanes : IFieldLanes<Vector256<byte>, Vector256<byte>>
{
    public static int Width => Vector256<byte>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(byte* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<byte> value, byte* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Factor(uint factor) => Vector256.Create(factor).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyAdd(Vector256<byte> sum, Vector256<byte> value, Vector256<byte> factor) =>
        sum ^ Gfni.V256.GaloisFieldMultiply(value, factor);
}

/// <summary>64 bytes by nibbles (AVX-512BW).</summary>
internal readonly unsafe struct Shuffle512Lanes : IFieldLanes<Vector512<byte>, NibbleFactor<Vector512<byte>>>
{
    public static int Width => Vector512<byte>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(byte* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<byte> value, byte* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NibbleFactor<Vector512<byte>> Factor(uint factor)
    {
        byte* nibbles = GaloisField.Nibbles((byte)factor);
        return new(
            Avx512F.BroadcastVector128ToVector512((uint*)nibbles).AsByte(),
            Avx512F.BroadcastVector128ToVector512((uint*)(nibbles + 16)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyAdd(
        Vector512<byte> sum, Vector512<byte> value, NibbleFactor<Vector512<byte>> factor)
    {
        Vector512<byte> mask = Vector512.Create((byte)0x0F);
        Vector512<byte> high = Vector512.ShiftRightLogical(value.AsUInt16(), 4).AsByte() & mask;
        return sum ^ Avx512BW.Shuffle(factor.Low, value & mask) ^ Avx512BW.Shuffle(factor.High, high);
    }
}

/// <summary>32 bytes by nibbles (AVX2).</summary>
internal readonly unsafe struct Shuffle256Lanes : IFieldLanes<Vector256<byte>, NibbleFactor<Vector256<byte>>>
{
    public static int Width => Vector256<byte>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(byte* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<byte> value, byte* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NibbleFactor<Vector256<byte>> Factor(uint factor)
    {
        byte* nibbles = GaloisField.Nibbles((byte)factor);
        return new(Avx2.BroadcastVector128ToVector256(nibbles), Avx2.BroadcastVector128ToVector256(nibbles + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyAdd(
        Vector256<byte> sum, Vector256<byte> value, NibbleFactor<Vector256<byte>> factor)
    {
        Vector256<byte> mask = Vector256.Create((byte)0x0F);
        Vector256<byte> high = Vector256.ShiftRightLogical(value.AsUInt16(), 4).AsByte() & mask;
        return sum ^ Avx2.Shuffle(factor.Low, value & mask) ^ Avx2.Shuffle(factor.High, high);
    }
}

/// <summary>16 bytes by nibbles (SSSE3, or NEON on Arm).</summary>
internal readonly unsafe struct Shuffle128Lanes : IFieldLanes<Vector128<byte>, NibbleFactor<Vector128<byte>>>
{
    public static int Width => Vector128<byte>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(byte* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> value, byte* target) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NibbleFactor<Vector128<byte>> Factor(uint factor)
    {
        byte* nibbles = GaloisField.Nibbles((byte)factor);
        return new(Vector128.Load(nibbles), Vector128.Load(nibbles + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAdd(
        Vector128<byte> sum, Vector128<byte> value, NibbleFactor<Vector128<byte>> factor)
    {
        // The indices are below 16, where the native shuffle is the same on every processor.
        Vector128<byte> mask = Vector128.Create((byte)0x0F);
        Vector128<byte> high = Vector128.ShiftRightLogical(value.AsUInt16(), 4).AsByte() & mask;
        return sum ^ Vector128.ShuffleNative(factor.Low, value & mask) ^ Vector128.ShuffleNative(factor.High, high);
    }
}
