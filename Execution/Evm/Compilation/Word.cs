using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// A 256-bit value on the symbolic stack: what is known of its limbs, and the stack slot whose memory holds it, if any.
/// Immutable; the same object stands on the stack wherever the same value does.
/// </summary>
internal sealed class Word
{
    /// <summary>The home of a value that is not in the stack's memory.</summary>
    public const int Nowhere = int.MinValue;

    private readonly Limb _limb0;
    private readonly Limb _limb1;
    private readonly Limb _limb2;
    private readonly Limb _limb3;

    public Word(in Limb limb0, in Limb limb1, in Limb limb2, in Limb limb3, int home = Nowhere)
    {
        (_limb0, _limb1, _limb2, _limb3, Home) = (limb0, limb1, limb2, limb3, home);
    }

    public Word(in Limb limb0)
        : this(limb0, Limb.Zero, Limb.Zero, Limb.Zero)
    {
    }

    public Word(ReadOnlySpan<Limb> limbs, int home = Nowhere)
        : this(limbs[0], limbs[1], limbs[2], limbs[3], home)
    {
    }

    /// <summary>The slot whose memory holds the value, or <see cref="Nowhere"/>.</summary>
    public int Home { get; }

    /// <summary>A PUSH of a jump destination: perhaps a return address, worth knowing after the block's end.</summary>
    public bool IsDestination { get; init; }

    public Limb this[int index] => index switch
    {
        0 => _limb0,
        1 => _limb1,
        2 => _limb2,
        _ => _limb3,
    };

    public bool IsConstant => _limb0.IsConstant && _limb1.IsConstant && _limb2.IsConstant && _limb3.IsConstant;

    /// <summary>Whether the value is known to be below 2^64.</summary>
    public bool IsSmall => _limb1.IsZero && _limb2.IsZero && _limb3.IsZero;

    /// <summary>Whether the value is known to have no sign when it is read as a two's complement number.</summary>
    public bool IsPositive => _limb3.Max <= long.MaxValue;

    public bool IsZero => _limb0.IsZero && IsSmall;

    /// <summary>Whether a limb must still be read from the stack's memory.</summary>
    public bool IsInSlots => _limb0.Kind == LimbKind.Slot || _limb1.Kind == LimbKind.Slot
        || _limb2.Kind == LimbKind.Slot || _limb3.Kind == LimbKind.Slot;

    /// <summary>The value of a constant.</summary>
    public UInt256 Value => new(_limb0.Value, _limb1.Value, _limb2.Value, _limb3.Value);

    public static Word Constant(in UInt256 value) => new(
        Limb.Constant(value.U0), Limb.Constant(value.U1), Limb.Constant(value.U2), Limb.Constant(value.U3));

    /// <summary>A value in the memory of a slot, of which at most <paramref name="bits"/> bits are not zero.</summary>
    public static Word InSlot(int slot, int bits = 256) => new(
        Limb.InSlot(slot, 0, MaxOf(bits)),
        Limb.InSlot(slot, 1, MaxOf(bits - 64)),
        Limb.InSlot(slot, 2, MaxOf(bits - 128)),
        Limb.InSlot(slot, 3, MaxOf(bits - 192)),
        slot);

    /// <summary>The same value, known to be in the memory of a slot.</summary>
    public Word At(int home) =>
        new(_limb0, _limb1, _limb2, _limb3, home) { IsDestination = IsDestination };

    private static ulong MaxOf(int bits) => bits <= 0 ? 0 : bits >= 64 ? ulong.MaxValue : (1UL << bits) - 1;
}
