using System.Runtime.CompilerServices;
using Fragcast.Execution.Evm.Compilation;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>
/// The tier that runs decoded traces. Gas and stack are checked where a trace starts; if they do not suffice there, the
/// interpreter runs the frame on. Gas of a segment is charged when the segment is entered, so that a frame that fails
/// does so within the same segment as it would byte by byte, with the same effect, but may name another reason.
/// </summary>
internal static unsafe class DecodedTier
{
    // A trace is looked at for compilation when it was entered 1,024 times, and each 1,024 times after that: some ten
    // microseconds, of which waking the other thread takes one or two.
    private const int HotMask = 0x3FF;

    // Long because it is the dispatch switch: one line a case.

    /// <summary>Runs a frame, whose position is the start of a trace, until it ends or enters another frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static FrameExit Run(Frame frame, DecodedCode code)
    {
        var floor = (byte*)frame.Floor;
        var bp = (byte*)frame.Sp;
        var gas = frame.Gas;
        var op = Trace(frame, code, frame.Pc - frame.Code);
        while (op != null)
        {
            var d = (UInt256*)(bp + op->D);
            var a = (UInt256*)(bp + op->A);
            var b = (UInt256*)(bp + op->B);
            var n = op->Immediate;
            switch (op->Code)
            {
                case OpCode.Enter:
                    gas -= (uint)n;
                    if ((ulong)(bp - floor - op->A) > (ushort)op->B || gas < 0)
                    {
                        frame.Save(frame.Code + (n >> 32), (UInt256*)bp, gas + (uint)n);
                        return Interpret(frame);
                    }

                    if ((++op->D & HotMask) == 0 && CompiledTier.IsReady(frame, (int)(n >> 32)))
                    {
                        op->Code = OpCode.EnterCompiled;
                        gas += (uint)n;
                        continue;
                    }

                    break;
                case OpCode.EnterCompiled:
                    var done = CompiledTier.RunReady(frame.Save(frame.Code + (n >> 32), (UInt256*)bp, gas));
                    if (done != RegionExit.Continue) return Leave(frame, done);
                    bp = (byte*)frame.Sp;
                    gas = frame.Gas;
                    op = Resume(frame, code, op, (long)(n >> 32));
                    continue;
                case OpCode.Move: Words.Copy(a, d); break;
                case OpCode.Swap: Words.Swap(a, d); break;
                case OpCode.SetSmall: Words.Set(d, n); break;
                case OpCode.SetWord: Words.Copy((UInt256*)n, d); break;
                case OpCode.Exit:
                    bp = (byte*)d;
                    var entry = Trace(frame, code, (long)n);
                    if (entry != null)
                    {
                        op->Immediate = (ulong)entry;
                        op->Code = OpCode.ExitLinked;
                    }

                    frame.Save(frame.Code + n, (UInt256*)bp, gas);
                    op = entry;
                    continue;
                case OpCode.ExitLinked: bp = (byte*)d; op = (Op*)n; continue;
                case OpCode.ExitDynamic:
                    if (!frame.IsJumpDestination(*a)) return frame.Fail(ExecutionStatus.BadJump);
                    op = Trace(frame, code, (long)a->U0);
                    frame.Save(frame.Code + a->U0, d, gas);
                    bp = (byte*)d;
                    continue;
                case OpCode.ExitIfDynamic:
                    var to = n;
                    if (!b->IsZero)
                    {
                        if (!frame.IsJumpDestination(*a)) return frame.Fail(ExecutionStatus.BadJump);
                        to = a->U0;
                    }

                    op = Trace(frame, code, (long)to);
                    frame.Save(frame.Code + to, d, gas);
                    bp = (byte*)d;
                    continue;
                case OpCode.Call:
                    frame.Save(frame.Code + (n >> 8), d, gas);
                    var exit = Calls.Execute(frame, (Opcode)(byte)n);
                    if (exit != FrameExit.Continue) return exit;
                    bp = (byte*)frame.Sp;
                    gas = frame.Gas;
                    op = Trace(frame, code, (long)(n >> 8));
                    continue;
                case OpCode.Fail: return frame.Fail((ExecutionStatus)n);
                case OpCode.Stop: return frame.Stop(gas);
                case OpCode.Return: return frame.Return(a, gas, ExecutionStatus.Success);
                case OpCode.Revert: return frame.Return(a, gas, ExecutionStatus.Revert);
                case OpCode.SelfDestruct: return frame.SelfDestruct(a, gas);

                case OpCode.IfZero: if (a->IsZero) goto Leave; goto Stay;
                case OpCode.IfNotZero: if (!a->IsZero) goto Leave; goto Stay;
                case OpCode.IfLess: if (*a < *b) goto Leave; goto Stay;
                case OpCode.IfNotLess: if (!(*a < *b)) goto Leave; goto Stay;
                case OpCode.IfEqual: if (*a == *b) goto Leave; goto Stay;
                case OpCode.IfNotEqual: if (*a != *b) goto Leave; goto Stay;
                case OpCode.IfLessC: if (*a < *Next(op)) goto Leave; goto StayC;
                case OpCode.IfNotLessC: if (!(*a < *Next(op))) goto Leave; goto StayC;
                case OpCode.IfGreaterC: if (*Next(op) < *a) goto Leave; goto StayC;
                case OpCode.IfNotGreaterC: if (!(*Next(op) < *a)) goto Leave; goto StayC;
                case OpCode.IfEqualC: if (*a == *Next(op)) goto Leave; goto StayC;
                case OpCode.IfNotEqualC: if (*a != *Next(op)) goto Leave; goto StayC;

                case OpCode.Add: UInt256.Add(*a, *b, out *d); break;
                case OpCode.AddC: UInt256.Add(*a, *(UInt256*)n, out *d); break;
                case OpCode.Sub: UInt256.Subtract(*a, *b, out *d); break;
                case OpCode.SubC: UInt256.Subtract(*a, *(UInt256*)n, out *d); break;
                case OpCode.SubFromC: UInt256.Subtract(*(UInt256*)n, *a, out *d); break;
                case OpCode.Mul: UInt256.Multiply(*a, *b, out *d); break;
                case OpCode.MulC: UInt256.Multiply(*a, *(UInt256*)n, out *d); break;
                case OpCode.Div: UInt256.Divide(*a, *b, out *d); break;
                case OpCode.DivC: UInt256.Divide(*a, *(UInt256*)n, out *d); break;
                case OpCode.Less: Words.Set(d, *a < *b ? 1UL : 0); break;
                case OpCode.LessC: Words.Set(d, *a < *(UInt256*)n ? 1UL : 0); break;
                case OpCode.GreaterC: Words.Set(d, *(UInt256*)n < *a ? 1UL : 0); break;
                case OpCode.SignedLess: Words.Set(d, UInt256.SLessThan(*a, *b) ? 1UL : 0); break;
                case OpCode.Equal: Words.Set(d, *a == *b ? 1UL : 0); break;
                case OpCode.EqualC: Words.Set(d, *a == *(UInt256*)n ? 1UL : 0); break;
                case OpCode.IsZero: Words.Set(d, a->IsZero ? 1UL : 0); break;
                case OpCode.And: UInt256.And(*a, *b, out *d); break;
                case OpCode.AndC: UInt256.And(*a, *(UInt256*)n, out *d); break;
                case OpCode.Or: UInt256.Or(*a, *b, out *d); break;
                case OpCode.OrC: UInt256.Or(*a, *(UInt256*)n, out *d); break;
                case OpCode.Xor: UInt256.Xor(*a, *b, out *d); break;
                case OpCode.Not: UInt256.Not(*a, out *d); break;
                case OpCode.ShiftLeft: UInt256.ShiftLeft(*a, *b, out *d); break;
                case OpCode.ShiftLeftN: UInt256.ShiftLeft(*a, (int)n, out *d); break;
                case OpCode.ShiftRight: UInt256.ShiftRight(*a, *b, out *d); break;
                case OpCode.ShiftRightN: UInt256.ShiftRight(*a, (int)n, out *d); break;
                case OpCode.ShiftArithmetic: UInt256.Sar(*a, *b, out *d); break;

                case OpCode.MemoryLoad:
                    if (a->FitsUInt64 && a->U0 < frame.WordEnd) Words.Load(frame.Memory + a->U0, d);
                    else gas = Slow.Load(frame, *a, d, gas);
                    goto Check;
                case OpCode.MemoryLoadN:
                    if (n < frame.WordEnd) Words.Load(frame.Memory + n, d);
                    else gas = Slow.Load(frame, n, d, gas);
                    goto Check;
                case OpCode.MemoryStore:
                    if (b->FitsUInt64 && b->U0 < frame.WordEnd) Words.Store(a, frame.Memory + b->U0);
                    else gas = Slow.Store(frame, *b, a, gas);
                    goto Check;
                case OpCode.MemoryStoreN:
                    if (n < frame.WordEnd) Words.Store(a, frame.Memory + n);
                    else gas = Slow.Store(frame, n, a, gas);
                    goto Check;
                case OpCode.Keccak: gas = MemoryOps.Keccak(frame, *a, *b, d, gas); goto Check;
                case OpCode.KeccakN: gas = Slow.Keccak(frame, (uint)n, n >> 32, d, gas); goto Check;
                case OpCode.CallDataLoad: Words.Copy(a, d); MemoryOps.CallDataLoad(frame, d, gas); break;
                case OpCode.SLoad: Words.Copy(a, d); gas = StorageOps.SLoad(frame, d, gas); goto Check;
                case OpCode.SStore: gas = Charge(StorageOps.SStore(frame, *a, *b, gas), n); goto Check;
                case OpCode.Gas: Words.Set(d, (ulong)gas); gas -= (long)n; goto Check;
                case OpCode.Body0: gas = Body(n)(frame, d - 1, gas); break;
                case OpCode.Body1: Words.Copy(a, d); gas = Body(n)(frame, d, gas); goto Check;
                case OpCode.BodyNoResult: gas = Body(n)(frame, a, gas); goto Check;
                case OpCode.BodyN:
                    gas = Body(n)(frame, a, gas);
                    Words.Copy((UInt256*)(bp + op->B), d);
                    goto Check;
                Check:
                    if (gas < 0) return frame.Fail(Fault.StatusOf(gas));
                    break;
                Leave:
                    op = (Op*)n;
                    continue;
                StayC:
                    gas -= (ushort)op->D;
                    op++;
                    goto Check;
                Stay:
                    gas -= (ushort)op->D;
                    goto Check;
            }

            op++;
        }

        return Interpret(frame);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Trace(Frame frame, DecodedCode code, long pc)
    {
        var op = code.EntryAt(pc);
        return op != null ? op : frame.Machine.Decoder.Decode(frame, code, (int)pc);
    }

    // The trace where compiled code ended; where that was evicted and not entered, the trace's own operations.
    private static Op* Resume(Frame frame, DecodedCode code, Op* entered, long pc)
    {
        var trace = Trace(frame, code, frame.Pc - frame.Code);
        if (frame.Pc == frame.Code + pc && trace == entered)
        {
            entered->Code = OpCode.Enter;
        }

        return trace;
    }

    private static FrameExit Leave(Frame frame, RegionExit exit) => exit switch
    {
        RegionExit.Entered => FrameExit.Entered,
        RegionExit.Ended => FrameExit.Ended,
        _ => Interpret(frame),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt256* Next(Op* op) => (UInt256*)op[1].Immediate;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Charge(long gas, ulong next) => gas < 0 ? gas : gas - (long)next;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static delegate*<Frame, UInt256*, long, long> Body(ulong pointer) =>
        (delegate*<Frame, UInt256*, long, long>)pointer;

    // What is left of the frame after it was saved, where no trace can run it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FrameExit Interpret(Frame frame)
    {
        var none = default(NoTracer);
        frame.JumpsLeft = long.MaxValue;
        return Interpreter.Run(frame, ref none);
    }
}
