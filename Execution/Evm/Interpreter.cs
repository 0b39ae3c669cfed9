using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>
/// The tier that runs any code at once, without preparation beyond its jump destinations: fetch, check gas and stack by
/// table, dispatch. Frequent instructions are cases of one switch, working on the words in place; the others go through
/// the table of bodies.
/// </summary>
internal static unsafe class Interpreter
{
    // Long because it is the dispatch switch: one line a case.

    /// <summary>Runs a frame from where it is until it ends or enters another frame.</summary>
    /// <remarks>
    /// Compiled at once with full optimisation: the first block a node executes must not run through unoptimised code.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static FrameExit Run<TTracer>(Frame frame, ref TTracer tracer)
        where TTracer : struct, ITracer
    {
        var instructions = frame.Machine.Spec.Instructions;
        var checks = instructions.Checks;
        var floor = (byte*)frame.Floor;
        var pc = frame.Pc;
        var sp = frame.Sp;
        var gas = frame.Gas;
        while (true)
        {
            if (TTracer.IsEnabled)
            {
                Trace(frame, pc, sp, gas, ref tracer);
            }

            uint op = *pc;
            var check = checks[op];
            gas -= check.Gas;
            if ((ulong)((byte*)sp - floor - check.StackInBytes) > check.StackSpan || gas < 0)
            {
                return Refuse(frame, instructions, (Opcode)op, sp, gas);
            }

            pc++;
            switch ((Opcode)op)
            {
                case Opcode.Stop: return frame.Stop(gas);
                case Opcode.Add: UInt256.Add(sp[0], sp[-1], out sp[-1]); sp--; break;
                case Opcode.Mul: UInt256.Multiply(sp[0], sp[-1], out sp[-1]); sp--; break;
                case Opcode.Sub: UInt256.Subtract(sp[0], sp[-1], out sp[-1]); sp--; break;
                case Opcode.Lt: sp--; Words.Set(sp, sp[1] < sp[0] ? 1UL : 0); break;
                case Opcode.Gt: sp--; Words.Set(sp, sp[0] < sp[1] ? 1UL : 0); break;
                case Opcode.SLt: sp--; Words.Set(sp, UInt256.SLessThan(sp[1], sp[0]) ? 1UL : 0); break;
                case Opcode.SGt: sp--; Words.Set(sp, UInt256.SLessThan(sp[0], sp[1]) ? 1UL : 0); break;
                case Opcode.Eq: sp--; Words.Set(sp, sp[0] == sp[1] ? 1UL : 0); break;
                case Opcode.IsZero: Words.Set(sp, sp->IsZero ? 1UL : 0); break;
                case Opcode.And: sp--; Words.And(sp); break;
                case Opcode.Or: sp--; Words.Or(sp); break;
                case Opcode.Xor: sp--; Words.Xor(sp); break;
                case Opcode.Not: Words.Not(sp); break;
                case Opcode.Shl: UInt256.ShiftLeft(sp[-1], sp[0], out sp[-1]); sp--; break;
                case Opcode.Shr: UInt256.ShiftRight(sp[-1], sp[0], out sp[-1]); sp--; break;
                case Opcode.Sar: UInt256.Sar(sp[-1], sp[0], out sp[-1]); sp--; break;
                case Opcode.Pop: sp--; break;
                case Opcode.MLoad:
                    if (!sp->FitsUInt64 || sp->U0 >= frame.WordEnd) goto default;
                    Words.Load(frame.Memory + sp->U0, sp);
                    break;
                case Opcode.MStore:
                    if (!sp->FitsUInt64 || sp->U0 >= frame.WordEnd) goto default;
                    Words.Store(sp - 1, frame.Memory + sp->U0);
                    sp -= 2;
                    break;
                case Opcode.JumpI:
                    sp -= 2;
                    if (sp[1].IsZero) break;
                    if (!frame.IsJumpDestination(sp[2])) return frame.Fail(ExecutionStatus.BadJump);
                    pc = frame.Code + sp[2].U0;
                    if (!TTracer.IsEnabled && --frame.JumpsLeft < 0) return frame.Pause(pc, sp, gas);
                    pc += Landed<TTracer>(ref gas);
                    break;
                case Opcode.Jump:
                    if (!frame.IsJumpDestination(*sp)) return frame.Fail(ExecutionStatus.BadJump);
                    pc = frame.Code + sp->U0;
                    sp--;
                    if (!TTracer.IsEnabled && --frame.JumpsLeft < 0) return frame.Pause(pc, sp, gas);
                    pc += Landed<TTracer>(ref gas);
                    break;
                case Opcode.Pc: Words.Set(++sp, (ulong)(pc - 1 - frame.Code)); break;
                case Opcode.Gas: Words.Set(++sp, (ulong)gas); break;
                case Opcode.JumpDest: break;
                case Opcode.Push0: Words.Set(++sp, 0); break;
                case Opcode.Push1: Words.Set(++sp, *pc); pc++; break;
                case Opcode.Push2: Words.Set(++sp, Words.ShortImmediate(pc - 1, 2)); pc += 2; break;
                case Opcode.Push3: Words.Set(++sp, Words.ShortImmediate(pc - 1, 3)); pc += 3; break;
                case Opcode.Push4: Words.Set(++sp, Words.ShortImmediate(pc - 1, 4)); pc += 4; break;
                case (Opcode)0x64: case (Opcode)0x65: case (Opcode)0x66: case (Opcode)0x67:
                    Words.Set(++sp, Words.ShortImmediate(pc - 1, (int)op - 0x5F)); pc += op - 0x5F; break;
                case (Opcode)0x68: case (Opcode)0x69: case (Opcode)0x6A: case (Opcode)0x6B:
                case (Opcode)0x6C: case (Opcode)0x6D: case (Opcode)0x6E: case (Opcode)0x6F:
                case (Opcode)0x70: case (Opcode)0x71: case (Opcode)0x72: case (Opcode)0x73:
                case (Opcode)0x74: case (Opcode)0x75: case (Opcode)0x76: case (Opcode)0x77:
                case (Opcode)0x78: case (Opcode)0x79: case (Opcode)0x7A: case (Opcode)0x7B:
                case (Opcode)0x7C: case (Opcode)0x7D: case (Opcode)0x7E: case (Opcode)0x7F:
                    Words.LoadImmediate(pc - 1, (int)op - 0x5F, ++sp); pc += op - 0x5F; break;
                case (Opcode)0x80: case (Opcode)0x81: case (Opcode)0x82: case (Opcode)0x83:
                case (Opcode)0x84: case (Opcode)0x85: case (Opcode)0x86: case (Opcode)0x87:
                case (Opcode)0x88: case (Opcode)0x89: case (Opcode)0x8A: case (Opcode)0x8B:
                case (Opcode)0x8C: case (Opcode)0x8D: case (Opcode)0x8E: case (Opcode)0x8F:
                    Words.Copy(sp - (op - 0x80), sp + 1); sp++; break;
                case (Opcode)0x90: case (Opcode)0x91: case (Opcode)0x92: case (Opcode)0x93:
                case (Opcode)0x94: case (Opcode)0x95: case (Opcode)0x96: case (Opcode)0x97:
                case (Opcode)0x98: case (Opcode)0x99: case (Opcode)0x9A: case (Opcode)0x9B:
                case (Opcode)0x9C: case (Opcode)0x9D: case (Opcode)0x9E: case (Opcode)0x9F:
                    Words.Swap(sp, sp - (op - 0x8F)); break;
                case Opcode.Return: return frame.Return(sp, gas, ExecutionStatus.Success);
                case Opcode.Revert: return frame.Return(sp, gas, ExecutionStatus.Revert);
                case Opcode.SelfDestruct: return frame.SelfDestruct(sp, gas);
                case Opcode.Create: case Opcode.Create2: case Opcode.Call: case Opcode.CallCode:
                case Opcode.DelegateCall: case Opcode.StaticCall:
                    var exit = Calls.Execute(frame.Save(pc, sp, gas), (Opcode)op);
                    if (exit != FrameExit.Continue) return exit;
                    sp = frame.Sp;
                    gas = frame.Gas;
                    break;
                default:
                    gas = ((delegate*<Frame, UInt256*, long, long>)instructions.Bodies[op])(frame, sp, gas);
                    if (gas < 0) return frame.Fail(Fault.StatusOf(gas));
                    sp += instructions.Growth[op];
                    break;
            }
        }
    }

    // Executes the JUMPDEST that was jumped to, unless it is to be reported. Missing gas shows at the next instruction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Landed<TTracer>(ref long gas)
        where TTracer : struct, ITracer
    {
        if (TTracer.IsEnabled)
        {
            return 0;
        }

        gas--;
        return 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameExit Refuse(Frame frame, InstructionTable instructions, Opcode op, UInt256* sp, long gas)
    {
        var height = (byte*)sp - (byte*)frame.Floor;
        var check = instructions.Checks[(int)op];
        return frame.Fail(
            !instructions.Exists(op) ? ExecutionStatus.InvalidInstruction
            : height < check.StackInBytes ? ExecutionStatus.StackUnderflow
            : (ulong)(height - check.StackInBytes) > check.StackSpan ? ExecutionStatus.StackOverflow
            : ExecutionStatus.OutOfGas);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Trace<TTracer>(Frame frame, byte* pc, UInt256* sp, long gas, ref TTracer tracer)
        where TTracer : struct, ITracer
    {
        tracer.OnStep(new TraceStep
        {
            Pc = (int)(pc - frame.Code),
            Opcode = *pc,
            Name = frame.Machine.Spec.Instructions.NameOf((Opcode)(*pc)),
            Gas = gas,
            Depth = frame.Depth + 1,
            Refund = frame.Machine.State.Refund,
            Stack = new ReadOnlySpan<UInt256>(frame.Floor + 1, (int)(sp - frame.Floor)),
            Memory = new ReadOnlySpan<byte>(frame.Memory, (int)frame.MemorySize),
            ReturnData = new ReadOnlySpan<byte>(frame.ReturnData, frame.ReturnDataLength),
        });
    }
}
