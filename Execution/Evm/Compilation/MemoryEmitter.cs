using System.Reflection;
using System.Reflection.Emit;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// Emits MLOAD, MSTORE and MSTORE8. Memory that is not there yet is made out of the way of the fast path.
/// </summary>
internal sealed class MemoryEmitter(IlWriter il, WordArithmetic arithmetic, BlockEnds ends)
{
    private static readonly FieldInfo Memory = typeof(Frame).GetField(nameof(Frame.Memory))!;
    private static readonly FieldInfo WordEnd = typeof(Frame).GetField(nameof(Frame.WordEnd))!;
    private static readonly FieldInfo MemorySize = typeof(Frame).GetField(nameof(Frame.MemorySize))!;
    private static readonly MethodInfo Grow = typeof(RegionSupport).GetMethod(nameof(RegionSupport.Grow))!;

    private readonly List<Action> _outlined = [];

    public void Load(TraceState state)
    {
        var offset = state.Own(state.Stack.Peek(0));
        Ensure(state, offset, 32);
        state.Stack.Drop(1);
        var address = Address(offset);
        var limbs = new Limb[4];
        for (var i = 0; i < limbs.Length; i++)
        {
            il.Generator.Emit(OpCodes.Ldloc, address);
            il.AddOffset(24 - (i * 8));
            il.Generator.Emit(OpCodes.Unaligned, (byte)1);
            il.Op(OpCodes.Ldind_I8);
            il.ReverseBytes();
            limbs[i] = il.Keep();
        }

        state.Stack.Push(new Word(limbs));
    }

    public void Store(TraceState state)
    {
        var offset = state.Own(state.Stack.Peek(0));
        Ensure(state, offset, 32);
        state.Stack.Drop(1);
        var value = state.Stack.Pop();
        var address = Address(offset);
        for (var i = 0; i < 4; i++)
        {
            il.Generator.Emit(OpCodes.Ldloc, address);
            il.AddOffset(24 - (i * 8));
            il.PushReversed(value[i]);
            il.Generator.Emit(OpCodes.Unaligned, (byte)1);
            il.Op(OpCodes.Stind_I8);
        }
    }

    public void StoreByte(TraceState state)
    {
        var offset = state.Own(state.Stack.Peek(0));
        Ensure(state, offset, 1);
        state.Stack.Drop(1);
        var value = state.Stack.Pop();
        il.Generator.Emit(OpCodes.Ldloc, Address(offset));
        il.Push(value[0]);
        il.Op(OpCodes.Conv_U1);
        il.Op(OpCodes.Stind_I1);
    }

    /// <summary>Emits what was put out of the way so far.</summary>
    public void EmitOutlined()
    {
        foreach (var emit in _outlined)
        {
            emit();
        }

        _outlined.Clear();
    }

    private LocalBuilder Address(Word offset)
    {
        var address = il.NewLocal(typeof(nint));
        il.Field(Memory);
        il.Push(offset[0]);
        il.Op(OpCodes.Conv_I);
        il.Op(OpCodes.Add);
        il.Generator.Emit(OpCodes.Stloc, address);
        return address;
    }

    private void Ensure(TraceState state, Word offset, int length)
    {
        var isKnown = offset.IsConstant && offset.IsSmall && offset[0].Value < 1UL << 30;
        if (isKnown && offset[0].Value + (ulong)length <= state.MemoryMin)
        {
            return;
        }

        var upper = arithmetic.Join(offset, 1);
        var (slow, done) = (il.NewLabel(), il.NewLabel());
        if (!upper.IsZero)
        {
            il.Push(upper);
            il.Branch(OpCodes.Brtrue, slow);
        }

        il.Push(offset[0]);
        il.Field(length == 1 ? MemorySize : WordEnd);
        il.Branch(OpCodes.Bge_Un, slow);
        il.Mark(done);
        _outlined.Add(() => EmitGrow(slow, done, offset[0], upper, length));
        if (isKnown)
        {
            state.MemoryMin = Math.Max(state.MemoryMin, offset[0].Value + (ulong)length);
        }
    }

    private void EmitGrow(Label slow, Label done, Limb offset, Limb upper, int length)
    {
        il.Mark(slow);
        il.Frame();
        il.Push(offset);
        il.Push(upper);
        il.Integer(length);
        il.Gas();
        il.Call(Grow);
        ends.TakeGas();
        il.Branch(OpCodes.Br, done);
    }
}
