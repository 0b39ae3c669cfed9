using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Execution.Precompiles.Curves.Lanes;

/// <summary>
/// Constants of a field as vectors, made once. They lie in memory aligned to a vector and live as long as the process.
/// </summary>
internal static unsafe class LaneConstants<TField, TShape>
    where TField : unmanaged, IPrimeField<TField>
    where TShape : struct, ILaneShape
{
    private const int Width = LaneKernel<TShape>.Width;
    private const int LimbBits = LaneKernel<TShape>.LimbBits;
    private const int VectorBytes = 64;
    private const ulong Mask = (1UL << LimbBits) - 1;

    /// <summary>The order.</summary>
    public static long* Order { get; } = Broadcast(TField.Order);

    /// <summary>2^(56 · limbs − bits) with the bits of the field's own Montgomery form: leads from it here.</summary>
    public static long* Entry { get; } =
        Broadcast(PowerOfTwo((2 * LimbBits * TShape.Limbs) - (8 * sizeof(TField))));

    /// <summary>2^bits with the bits of the field's own Montgomery form: leads from here to it.</summary>
    public static long* Exit { get; } = Broadcast(PowerOfTwo(8 * sizeof(TField)));

    /// <summary>Splits a number into limbs and writes them to one lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split(ReadOnlySpan<ulong> number, long* lane)
    {
        for (uint i = 0; i < TShape.Limbs; i++)
        {
            var word = (int)(i * LimbBits / 64);
            var bit = (int)(i * LimbBits % 64);
            var bits = word < number.Length ? number[word] >> bit : 0;
            if (bit > 64 - LimbBits && word + 1 < number.Length)
            {
                bits |= number[word + 1] << (64 - bit);
            }

            lane[i * Width] = (long)(bits & Mask);
        }
    }

    /// <summary>Joins the limbs of one lane plus the order, together positive, to a number.</summary>
    public static void JoinWithOrder(long* lane, Span<ulong> number)
    {
        number.Clear();
        long carry = 0;
        for (uint i = 0; i < TShape.Limbs; i++)
        {
            carry += lane[i * Width] + Order[i * Width];
            var bits = (ulong)carry & Mask;
            carry >>= LimbBits;
            var word = (int)(i * LimbBits / 64);
            var bit = (int)(i * LimbBits % 64);
            if (word < number.Length)
            {
                number[word] |= bits << bit;
            }

            if (bit > 64 - LimbBits && word + 1 < number.Length)
            {
                number[word + 1] = bits >> (64 - bit);
            }
        }
    }

    private static long* Broadcast(ReadOnlySpan<ulong> number)
    {
        var vectors = (long*)NativeMemory.AlignedAlloc((nuint)(TShape.Limbs * VectorBytes), VectorBytes);
        for (var lane = 0; lane < Width; lane++)
        {
            Split(number, vectors + lane);
        }

        return vectors;
    }

    // As a plain number, not in Montgomery form: doubled from 1.
    private static ulong[] PowerOfTwo(int exponent)
    {
        var limbs = new ulong[sizeof(TField) / sizeof(ulong)];
        limbs[0] = 1;
        var number = MemoryMarshal.Read<TField>(MemoryMarshal.AsBytes(limbs.AsSpan()));
        for (var i = 0; i < exponent; i++)
        {
            TField.Add(number, number, out number);
        }

        return MemoryMarshal.Cast<TField, ulong>(new ReadOnlySpan<TField>(in number)).ToArray();
    }

    /// <summary>Writes an element as it is, in the field's own Montgomery form, to one lane.</summary>
    public static void Write(in TField value, long* lane) =>
        Split(MemoryMarshal.Cast<TField, ulong>(new ReadOnlySpan<TField>(in value)), lane);

    /// <summary>Reads what <see cref="Leave"/> made of an element in one lane.</summary>
    public static TField Read(long* lane)
    {
        var number = default(TField);
        JoinWithOrder(lane, MemoryMarshal.Cast<TField, ulong>(new Span<TField>(ref number)));

        // Each addition of zero takes off the order once where the number is not below it.
        TField.Add(number, default, out number);
        TField.Add(number, default, out number);
        return number;
    }

    /// <summary>From the field's own Montgomery form to that of the lanes.</summary>
    public static void Enter(long* a) => LaneKernel<TShape>.Dot(a, Entry, 1, Order, a);

    /// <summary>
    /// From the Montgomery form of the lanes to the field's own; the numbers are then between −0.01 and 1.01 times the
    /// order.
    /// </summary>
    public static void Leave(long* a) => LaneKernel<TShape>.Dot(a, Exit, 1, Order, a);
}
