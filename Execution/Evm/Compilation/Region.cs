using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>What to do after a region.</summary>
internal enum RegionExit
{
    /// <summary>The frame goes on at its saved position, in another region if there is one.</summary>
    Continue,

    /// <summary>
    /// The frame goes on at its saved position in the interpreter: its stack may not meet what a block needs.
    /// </summary>
    Interpret,

    /// <summary>As <see cref="FrameExit.Entered"/>.</summary>
    Entered,

    /// <summary>As <see cref="FrameExit.Ended"/>.</summary>
    Ended,
}

/// <summary>
/// A compiled region: blocks that are run from the first one on, for a frame whose code, instruction table and position
/// are those it was compiled for. Belongs to no machine.
/// </summary>
/// <param name="frame">The frame; its saved stack and gas are not looked at.</param>
/// <param name="sp">The top of its stack.</param>
/// <param name="gas">Its gas.</param>
internal unsafe delegate RegionExit RegionBody(Frame frame, UInt256* sp, long gas);

/// <summary>What regions call.</summary>
internal static unsafe class RegionSupport
{
    /// <summary>Ends the frame with the failure that negative gas stands for.</summary>
    public static RegionExit Fail(Frame frame, long fault)
    {
        frame.Fail(Fault.StatusOf(fault));
        return RegionExit.Ended;
    }

    public static RegionExit Stop(Frame frame, long gas)
    {
        frame.Stop(gas);
        return RegionExit.Ended;
    }

    public static RegionExit Invalid(Frame frame)
    {
        frame.Fail(ExecutionStatus.InvalidInstruction);
        return RegionExit.Ended;
    }

    public static RegionExit BadJump(Frame frame)
    {
        frame.Fail(ExecutionStatus.BadJump);
        return RegionExit.Ended;
    }

    public static RegionExit Return(Frame frame, UInt256* sp, long gas)
    {
        frame.Return(sp, gas, ExecutionStatus.Success);
        return RegionExit.Ended;
    }

    public static RegionExit Revert(Frame frame, UInt256* sp, long gas)
    {
        frame.Return(sp, gas, ExecutionStatus.Revert);
        return RegionExit.Ended;
    }

    public static RegionExit SelfDestruct(Frame frame, UInt256* sp, long gas)
    {
        frame.SelfDestruct(sp, gas);
        return RegionExit.Ended;
    }

    /// <summary>Executes a call or creation; the frame goes on behind it when it was answered at once.</summary>
    public static RegionExit Call(Frame frame, UInt256* sp, long gas, int next, int opcode) =>
        Calls.Execute(frame.Save(frame.Code + next, sp, gas), (Opcode)opcode) switch
        {
            FrameExit.Continue => RegionExit.Continue,
            FrameExit.Entered => RegionExit.Entered,
            _ => RegionExit.Ended,
        };

    /// <summary>Leaves the region for an offset of the code.</summary>
    public static RegionExit Leave(Frame frame, UInt256* sp, long gas, int pc)
    {
        frame.Save(frame.Code + pc, sp, gas);
        return RegionExit.Continue;
    }

    /// <summary>Leaves the region for a destination that was computed, whose upper limbs are joined by or.</summary>
    public static RegionExit Jump(Frame frame, UInt256* sp, long gas, ulong offset, ulong upper)
    {
        if (upper != 0 || !frame.IsJumpDestination(offset))
        {
            frame.Fail(ExecutionStatus.BadJump);
            return RegionExit.Ended;
        }

        frame.Save(frame.Code + offset, sp, gas);
        return RegionExit.Continue;
    }

    /// <summary>Has the interpreter go on at an offset of the code.</summary>
    public static RegionExit Interpret(Frame frame, UInt256* sp, long gas, int pc)
    {
        frame.Save(frame.Code + pc, sp, gas);
        return RegionExit.Interpret;
    }

    /// <summary>Grows memory for a range whose offset's upper limbs are joined by or.</summary>
    /// <returns>Gas left, or a fault.</returns>
    public static long Grow(Frame frame, ulong offset, ulong upper, int length, long gas) =>
        frame.EnsureMemory(new UInt256(offset, upper), (ulong)length, gas);

    /// <summary>The upper half of a product.</summary>
    public static ulong MultiplyHigh(ulong left, ulong right) => Math.BigMul(left, right, out _);
}
