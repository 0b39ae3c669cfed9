using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>Writes the IL of a region in terms of limbs, stack slots and gas.</summary>
internal sealed class IlWriter(ILGenerator generator)
{
    private static readonly MethodInfo Reverse =
        typeof(BinaryPrimitives).GetMethod(nameof(BinaryPrimitives.ReverseEndianness), [typeof(ulong)])!;

    // Argument 0 of a region is the object that its delegate is closed over; then come those of RegionBody.
    private const byte StackArgument = 2;
    private const byte GasArgument = 3;

    /// <summary>Variables declared so far.</summary>
    public int LocalCount { get; private set; }

    public int Size => generator.ILOffset;

    public ILGenerator Generator => generator;

    public Label NewLabel() => generator.DefineLabel();

    public void Mark(Label label) => generator.MarkLabel(label);

    public void Branch(OpCode op, Label label) => generator.Emit(op, label);

    public void Op(OpCode op) => generator.Emit(op);

    public void Call(MethodInfo method) => generator.Emit(OpCodes.Call, method);

    public void Frame() => generator.Emit(OpCodes.Ldarg_1);

    public void Gas() => generator.Emit(OpCodes.Ldarg_3);

    public void SetGas() => generator.Emit(OpCodes.Starg_S, GasArgument);

    public void Integer(int value)
    {
        if (value is >= sbyte.MinValue and <= sbyte.MaxValue)
        {
            generator.Emit(OpCodes.Ldc_I4_S, (sbyte)value);
        }
        else
        {
            generator.Emit(OpCodes.Ldc_I4, value);
        }
    }

    public void Long(ulong value)
    {
        if ((long)value is >= sbyte.MinValue and <= sbyte.MaxValue)
        {
            generator.Emit(OpCodes.Ldc_I4_S, (sbyte)value);
            generator.Emit(OpCodes.Conv_I8);
        }
        else
        {
            generator.Emit(OpCodes.Ldc_I8, (long)value);
        }
    }

    /// <summary>Reads a field of the frame.</summary>
    public void Field(FieldInfo field)
    {
        Frame();
        generator.Emit(OpCodes.Ldfld, field);
    }

    /// <summary>Pushes the address of a slot's memory, or of a byte in it.</summary>
    public void SlotAddress(int slot, int offset = 0)
    {
        generator.Emit(OpCodes.Ldarg_2);
        AddOffset((slot * InstructionTable.WordSize) + offset);
    }

    /// <summary>Makes another slot the trace's slot 0.</summary>
    public void MoveStack(int slot)
    {
        if (slot != 0)
        {
            SlotAddress(slot);
            generator.Emit(OpCodes.Starg_S, StackArgument);
        }
    }

    public void AddOffset(int offset)
    {
        if (offset != 0)
        {
            Integer(offset);
            generator.Emit(OpCodes.Conv_I);
            generator.Emit(OpCodes.Add);
        }
    }

    /// <summary>Pushes a limb's value.</summary>
    public void Push(in Limb limb)
    {
        switch (limb.Kind)
        {
            case LimbKind.Constant:
                Long(limb.Value);
                break;
            case LimbKind.Local:
                generator.Emit(OpCodes.Ldloc, limb.Variable);
                break;
            default:
                SlotAddress(0, limb.Offset);
                generator.Emit(OpCodes.Ldind_I8);
                break;
        }
    }

    /// <summary>Keeps the 64 bits on top of the evaluation stack in a new variable.</summary>
    public Limb Keep(ulong max = ulong.MaxValue)
    {
        var local = NewLocal(typeof(ulong));
        generator.Emit(OpCodes.Stloc, local);
        return Limb.Local(local, max);
    }

    public LocalBuilder NewLocal(Type type)
    {
        LocalCount++;
        return generator.DeclareLocal(type);
    }

    /// <summary>The limb as a constant or in a variable.</summary>
    public Limb Own(in Limb limb)
    {
        if (limb.Kind != LimbKind.Slot)
        {
            return limb;
        }

        Push(limb);
        return Keep(limb.Max);
    }

    /// <summary>Applies an operation to two limbs.</summary>
    public Limb Binary(OpCode op, in Limb left, in Limb right, ulong max = ulong.MaxValue)
    {
        Push(left);
        Push(right);
        Op(op);
        return Keep(max);
    }

    /// <summary>Compares two limbs: 0 or 1.</summary>
    public Limb Compare(OpCode op, in Limb left, in Limb right)
    {
        Push(left);
        Push(right);
        Op(op);
        Op(OpCodes.Conv_U8);
        return Keep(1);
    }

    /// <summary>Shifts a limb by a constant.</summary>
    public Limb Shift(OpCode op, in Limb limb, int count, ulong max)
    {
        Push(limb);
        Integer(count);
        Op(op);
        return Keep(max);
    }

    /// <summary>Writes a limb to the stack's memory.</summary>
    public void StoreLimb(int slot, int index, in Limb limb)
    {
        SlotAddress(slot, index * 8);
        Push(limb);
        Op(OpCodes.Stind_I8);
    }

    /// <summary>Pushes a limb with its bytes reversed.</summary>
    public void PushReversed(in Limb limb)
    {
        if (limb.IsConstant)
        {
            Long(BinaryPrimitives.ReverseEndianness(limb.Value));
            return;
        }

        Push(limb);
        Call(Reverse);
    }

    public void ReverseBytes() => Call(Reverse);
}
