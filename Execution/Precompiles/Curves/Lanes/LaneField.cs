using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fragcast.Execution.Precompiles.Curves.Lanes;

/// <summary>
/// Eight elements of a prime field side by side, with the operations in each lane by itself. Questions have one answer
/// for all lanes: zero is what is zero in every lane.
/// </summary>
internal unsafe struct LaneField<TField, TShape> : IField<LaneField<TField, TShape>>
    where TField : unmanaged, IPrimeField<TField>
    where TShape : struct, ILaneShape
{
    /// <summary>Number of elements.</summary>
    public const int Count = LaneKernel<TShape>.Width;

    private const int LimbsMax = 14;

    private fixed long _limbs[LimbsMax * Count];

    public static LaneField<TField, TShape> Zero => default;

    public static LaneField<TField, TShape> One { get; } = Repeat(TField.One);

    /// <summary>Whether the processor has the instructions.</summary>
    public static bool IsSupported => Avx512F.IsSupported;

    public readonly bool IsZero => ZeroLanes == (1 << Count) - 1;

    /// <summary>A bit for each lane, set where the element is zero.</summary>
    public readonly int ZeroLanes
    {
        get
        {
            var copy = this;
            var limbs = copy._limbs;
            LaneConstants<TField, TShape>.Leave(limbs);
            var lanes = 0;
            for (var lane = 0; lane < Count; lane++)
            {
                lanes |= LaneConstants<TField, TShape>.Read(limbs + lane).IsZero ? 1 << lane : 0;
            }

            return lanes;
        }
    }

    private static int Length => TShape.Limbs * Count;

    /// <summary>The same element in every lane.</summary>
    public static LaneField<TField, TShape> Repeat(in TField value)
    {
        var values = new LaneField<TField, TShape>();
        for (var lane = 0; lane < Count; lane++)
        {
            values.Write(lane, value);
        }

        values.Enter();
        return values;
    }

    /// <summary>Writes an element to a lane; <see cref="Enter"/> is called once all are written.</summary>
    public void Write(int lane, in TField value)
    {
        fixed (long* limbs = _limbs)
        {
            LaneConstants<TField, TShape>.Write(value, limbs + lane);
        }
    }

    /// <summary>Makes elements of what was written.</summary>
    public void Enter()
    {
        fixed (long* limbs = _limbs)
        {
            LaneConstants<TField, TShape>.Enter(limbs);
        }
    }

    public static bool AreEqual(in LaneField<TField, TShape> a, in LaneField<TField, TShape> b)
    {
        Subtract(a, b, out var difference);
        return difference.IsZero;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(
        in LaneField<TField, TShape> a, in LaneField<TField, TShape> b, out LaneField<TField, TShape> r)
    {
        fixed (long* x = a._limbs, y = b._limbs, z = r._limbs)
        {
            for (var i = 0; i < Length; i += Count)
            {
                Vector512.Store(Vector512.Load(x + i) + Vector512.Load(y + i), z + i);
            }

            LaneKernel<TShape>.Carry(z);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(
        in LaneField<TField, TShape> a, in LaneField<TField, TShape> b, out LaneField<TField, TShape> r)
    {
        fixed (long* x = a._limbs, y = b._limbs, z = r._limbs)
        {
            for (var i = 0; i < Length; i += Count)
            {
                Vector512.Store(Vector512.Load(x + i) - Vector512.Load(y + i), z + i);
            }

            LaneKernel<TShape>.Carry(z);
        }
    }

    public static void Multiply(
        in LaneField<TField, TShape> a, in LaneField<TField, TShape> b, out LaneField<TField, TShape> r)
    {
        fixed (long* x = a._limbs, y = b._limbs, z = r._limbs)
        {
            LaneKernel<TShape>.Dot(x, y, 1, LaneConstants<TField, TShape>.Order, z);
        }
    }

    public static void Square(in LaneField<TField, TShape> a, out LaneField<TField, TShape> r) =>
        Multiply(a, a, out r);

    public static void Invert(in LaneField<TField, TShape> a, out LaneField<TField, TShape> r)
    {
        // Fermat: to the power of the order less two; the order is odd and above two in its lowest limb.
        var exponent = TField.Order.ToArray();
        exponent[0] -= 2;
        FieldOperations.Power(a, exponent, out r);
    }
}
