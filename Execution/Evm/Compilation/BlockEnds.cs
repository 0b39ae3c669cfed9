using System.Reflection;
using System.Reflection.Emit;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>Emits the ways out of a region.</summary>
internal sealed class BlockEnds(IlWriter il)
{
    private readonly Label _failure = il.NewLabel();

    /// <summary>
    /// Charges a block's static gas. A frame that lacks it fails within the block, whatever the block does before: so
    /// it fails at once.
    /// </summary>
    public void Charge(int gas)
    {
        if (gas > 0)
        {
            il.Gas();
            il.Long((ulong)-(long)gas);
            il.Op(OpCodes.Add);
            TakeGas();
        }
    }

    /// <summary>Takes over the gas left that is on the evaluation stack, or fails if it is a fault.</summary>
    public void TakeGas()
    {
        il.SetGas();
        il.Gas();
        il.Long(0);
        il.Branch(OpCodes.Blt, _failure);
    }

    /// <summary>Emits where failures go.</summary>
    public void EmitFailure()
    {
        il.Mark(_failure);
        il.Frame();
        il.Gas();
        Return(nameof(RegionSupport.Fail));
    }

    public void Stop()
    {
        il.Frame();
        il.Gas();
        Return(nameof(RegionSupport.Stop));
    }

    public void Invalid()
    {
        il.Frame();
        Return(nameof(RegionSupport.Invalid));
    }

    /// <summary>RETURN, REVERT and SELFDESTRUCT: they look at their operands only.</summary>
    public void Finish(TraceState state, Opcode op)
    {
        var operands = op == Opcode.SelfDestruct ? 1 : 2;
        for (var i = 0; i < operands; i++)
        {
            state.Settle(state.Stack.Top - i);
        }

        il.Frame();
        il.SlotAddress(state.Stack.Top);
        il.Gas();
        Return(op switch
        {
            Opcode.Return => nameof(RegionSupport.Return),
            Opcode.Revert => nameof(RegionSupport.Revert),
            _ => nameof(RegionSupport.SelfDestruct),
        });
    }

    public void Call(TraceState state, Opcode op, int next)
    {
        state.SettleAll();
        il.Frame();
        il.SlotAddress(state.Stack.Top);
        il.Gas();
        il.Integer(next);
        il.Integer((int)op);
        Return(nameof(RegionSupport.Call));
    }

    /// <summary>A jump to a destination that is computed; it was popped.</summary>
    public void Jump(TraceState state, Word target, WordArithmetic arithmetic)
    {
        var upper = arithmetic.Join(target, 1);
        state.SettleAll();
        il.Frame();
        il.SlotAddress(state.Stack.Top);
        il.Gas();
        il.Push(target[0]);
        il.Push(upper);
        Return(nameof(RegionSupport.Jump));
    }

    public void BadJump()
    {
        il.Frame();
        Return(nameof(RegionSupport.BadJump));
    }

    public void Leave(int top, int pc) => Go(nameof(RegionSupport.Leave), top, pc);

    /// <summary>Goes on in the interpreter.</summary>
    public void Interpret(int top, int pc) => Go(nameof(RegionSupport.Interpret), top, pc);

    private void Go(string name, int top, int pc)
    {
        il.Frame();
        il.SlotAddress(top);
        il.Gas();
        il.Integer(pc);
        Return(name);
    }

    private void Return(string name)
    {
        il.Call(Support(name));
        il.Op(OpCodes.Ret);
    }

    private static MethodInfo Support(string name) => typeof(RegionSupport).GetMethod(name)!;
}
