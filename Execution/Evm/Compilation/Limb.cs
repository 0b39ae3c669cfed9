using System.Reflection.Emit;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>Where 64 bits of a symbolic word are.</summary>
internal enum LimbKind : byte
{
    /// <summary>Known when the region is compiled.</summary>
    Constant,

    /// <summary>In a local variable, which is written once.</summary>
    Local,

    /// <summary>In the stack's memory, not read yet.</summary>
    Slot,
}

/// <summary>64 bits of a symbolic word, with the largest value that they can have.</summary>
internal readonly struct Limb
{
    private readonly LocalBuilder? _local;
    private readonly ulong _value;

    private Limb(LimbKind kind, ulong value, ulong max, LocalBuilder? local)
    {
        (Kind, _value, Max, _local) = (kind, value, max, local);
    }

    public static Limb Zero => Constant(0);

    public LimbKind Kind { get; }

    /// <summary>The largest value that the limb can have.</summary>
    public ulong Max { get; }

    /// <summary>The value of a constant.</summary>
    public ulong Value => _value;

    /// <summary>The byte offset from the trace's stack pointer, of a limb in the stack's memory.</summary>
    public int Offset => (int)(long)_value;

    public LocalBuilder Variable => _local!;

    public bool IsConstant => Kind == LimbKind.Constant;

    public bool IsZero => Kind == LimbKind.Constant && _value == 0;

    public bool IsOnes => Kind == LimbKind.Constant && _value == ulong.MaxValue;

    public static Limb Constant(ulong value) => new(LimbKind.Constant, value, value, null);

    public static Limb Local(LocalBuilder local, ulong max) => new(LimbKind.Local, 0, max, local);

    public static Limb InSlot(int slot, int index, ulong max = ulong.MaxValue) =>
        max == 0 ? Zero : new(LimbKind.Slot, (ulong)(long)((slot * 32) + (index * 8)), max, null);

    /// <summary>Whether both are certainly the same value, without looking at it.</summary>
    public bool IsSame(in Limb other) =>
        Kind == other.Kind && _value == other._value && _local == other._local;
}
