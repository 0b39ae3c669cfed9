using System.Diagnostics;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>
/// Reads a trace from a code: instructions that follow each other when conditional jumps go the way that is expected.
/// It executes them on values, so that pushes, copies, exchanges, pops and jumps to known places leave nothing behind.
/// </summary>
internal sealed unsafe class TraceReader(Draft draft)
{
    /// <summary>Instructions of a trace at most.</summary>
    public const int InstructionsMax = 256;

    private const int SegmentsMax = 24;

    // A short loop is read several times over: what a round leaves is taken up by the next one without moves. Reading
    // takes some 15 ns an instruction, a round saves 5 to 10 ns.
    private const int RoundsMax = 4;
    private const int InstructionsOfRounds = 80;

    // Gas that fits the field of a side exit.
    private const int ChargeMax = ushort.MaxValue - 40_000;

    /// <summary>Words of the stack that a trace may reach, so that every place fits an operation's field.</summary>
    public const int Deepest = 400;

    // Value at each position of the stack; 0 where the trace has not looked.
    private readonly int[] _stack = new int[Deepest + InstructionsMax + 1];
    private readonly int[] _visited = new int[SegmentsMax * 4];
    private int _visitedCount;
    private int _rounds;
    private int _count;
    private int _top;
    private int _lowest;
    private int _highest;
    private int _gas;
    private int _segments;

    // Operation to which the gas of the segment under way belongs; -1 for the trace's start.
    private int _charger;
    private Frame _frame = null!;
    private InstructionTable _instructions = null!;

    /// <summary>Reads the trace that starts at an offset of the frame's code.</summary>
    /// <param name="frame">Has the code; nothing else of it counts.</param>
    /// <param name="start">Offset of the first instruction.</param>
    /// <param name="isShort">Whether to end at the first jump.</param>
    public void Read(Frame frame, int start, bool isShort)
    {
        _frame = frame;
        _instructions = frame.Machine.Spec.Instructions;
        draft.Reset(start);
        Array.Clear(_stack, Deepest + _lowest, _highest - _lowest + 1);
        (_top, _lowest, _highest, _gas, _charger, _visitedCount) = (0, 0, 0, 0, -1, 0);
        _segments = isShort ? SegmentsMax : 0;
        _rounds = 1;
        Visit(start);
        var pc = start;
        for (_count = 0; pc >= 0; _count++)
        {
            pc = _count == InstructionsMax ? End(OpCode.Exit, pc) : Step(pc);
        }

        draft.Growth = _highest;
    }

    // Executes an instruction; returns the offset of the next one, or -1 at the trace's end.
    private int Step(int pc)
    {
        if (pc >= _frame.CodeLength)
        {
            return End(OpCode.Stop, 0);
        }

        var op = (Opcode)_frame.Code[pc];
        if (!_instructions.Exists(op))
        {
            return End(OpCode.Fail, (int)ExecutionStatus.InvalidInstruction);
        }

        var check = _instructions.Checks[(int)op];
        var inputs = check.StackInBytes / InstructionTable.WordSize;
        if ((_charger >= 0 && _gas + check.Gas > ChargeMax && _gas > 0) || inputs - _top > Deepest)
        {
            return End(OpCode.Exit, pc);
        }

        _gas += check.Gas;
        draft.Needed = Math.Max(draft.Needed, inputs - _top);
        _highest = Math.Max(_highest, _top + _instructions.Growth[(int)op]);
        switch (op)
        {
            case >= Opcode.Push1 and <= Opcode.Push32:
                return Push(pc, (int)op - (int)Opcode.Push0);
            case >= Opcode.Dup1 and <= Opcode.Dup16:
                Push(At(_top - ((int)op - (int)Opcode.Dup1)));
                break;
            case >= Opcode.Swap1 and <= Opcode.Swap16:
                Exchange(_top - ((int)op - (int)Opcode.Swap1) - 1);
                break;
            case Opcode.Push0: PushNumber(0); break;
            case Opcode.Pc: PushNumber(pc); break;
            case Opcode.Pop: Pop(); break;
            case Opcode.JumpDest: break;
            case Opcode.Jump: return Jump();
            case Opcode.JumpI: return JumpIf(pc + 1);
            case Opcode.Stop: return End(OpCode.Stop, 0);
            case Opcode.Return: return EndWith(OpCode.Return, inputs);
            case Opcode.Revert: return EndWith(OpCode.Revert, inputs);
            case Opcode.SelfDestruct: return EndWith(OpCode.SelfDestruct, inputs);
            case Opcode.Call or Opcode.CallCode or Opcode.DelegateCall or Opcode.StaticCall or Opcode.Create
                or Opcode.Create2:
                return End(OpCode.Call, (int)op | (pc + 1) << 8);
            default:
                Execute(op, inputs);
                break;
        }

        return pc + 1;
    }

    private void Execute(Opcode op, int inputs)
    {
        switch (op)
        {
            case Opcode.IsZero: PushResult(OpCode.IsZero, OpCode.IsZero, Pop(), 0); break;
            case Opcode.Not: PushResult(OpCode.Not, OpCode.Not, Pop(), 0); break;
            case Opcode.Add: Binary(OpCode.Add, OpCode.AddC, OpCode.AddC); break;
            case Opcode.Mul: Binary(OpCode.Mul, OpCode.MulC, OpCode.MulC); break;
            case Opcode.Sub: Binary(OpCode.Sub, OpCode.SubC, OpCode.SubFromC); break;
            case Opcode.Div: Binary(OpCode.Div, OpCode.DivC, OpCode.Div); break;
            case Opcode.Lt: Binary(OpCode.Less, OpCode.LessC, OpCode.GreaterC); break;
            case Opcode.Gt: Reverse(); Binary(OpCode.Less, OpCode.LessC, OpCode.GreaterC); break;
            case Opcode.SLt: Binary(OpCode.SignedLess, OpCode.SignedLess, OpCode.SignedLess); break;
            case Opcode.SGt: Reverse(); Binary(OpCode.SignedLess, OpCode.SignedLess, OpCode.SignedLess); break;
            case Opcode.Eq: Binary(OpCode.Equal, OpCode.EqualC, OpCode.EqualC); break;
            case Opcode.And: Binary(OpCode.And, OpCode.AndC, OpCode.AndC); break;
            case Opcode.Or: Binary(OpCode.Or, OpCode.OrC, OpCode.OrC); break;
            case Opcode.Xor: Binary(OpCode.Xor, OpCode.Xor, OpCode.Xor); break;
            case Opcode.Shl: Shift(OpCode.ShiftLeft, OpCode.ShiftLeftN); break;
            case Opcode.Shr: Shift(OpCode.ShiftRight, OpCode.ShiftRightN); break;
            case Opcode.Sar: Reverse(); Binary(OpCode.ShiftArithmetic, default, default); break;
            case Opcode.MLoad: Load(); break;
            case Opcode.MStore: Store(); break;
            case Opcode.Keccak256: Hash(); break;
            case Opcode.CallDataLoad: Push(draft.Result(OpCode.CallDataLoad, InPlace(Pop()))); break;
            case Opcode.SLoad: Push(draft.Result(OpCode.SLoad, InPlace(Pop()))); break;
            case Opcode.SStore: StoreSlot(); break;
            case Opcode.Gas: Push(draft.Result(OpCode.Gas)); StartSegment(draft.Ops.Count - 1); break;
            default: CallBody(op, inputs); break;
        }
    }

    private int Push(int pc, int length)
    {
        UInt256 word;
        Words.LoadImmediate(_frame.Code + pc, length, &word);
        Push(draft.Constant(word));
        return Math.Min(pc + 1 + length, _frame.CodeLength);
    }

    private int Jump()
    {
        var target = Pop();
        ref var value = ref draft.Values[target];
        if (value.Kind != ValueKind.Constant)
        {
            Argument(target, 0);
            return End(OpCode.ExitDynamic, 0);
        }

        if (!_frame.IsJumpDestination(value.Word))
        {
            return End(OpCode.Fail, (int)ExecutionStatus.BadJump);
        }

        var pc = (int)value.Word.U0;
        return _segments < SegmentsMax && Visit(pc) ? pc : End(OpCode.Exit, pc);
    }

    private int JumpIf(int next)
    {
        var target = Pop();
        var condition = Pop();
        ref var value = ref draft.Values[target];
        if (value.Kind != ValueKind.Constant)
        {
            Argument(target, 0);
            Argument(condition, 1);
            return End(OpCode.ExitIfDynamic, next);
        }

        if (draft.Values[condition].Kind == ValueKind.Constant)
        {
            condition = InPlace(condition);
        }

        var isValid = _frame.IsJumpDestination(value.Word);
        var pc = isValid ? (int)value.Word.U0 : 0;
        var goesOn = ++_segments < SegmentsMax;
        if (goesOn && isValid && LeadsToFailure(next) && Visit(pc))
        {
            SideExit(condition, false, OpCode.Exit, next);
            return pc;
        }

        SideExit(
            condition, true, isValid ? OpCode.Exit : OpCode.Fail, isValid ? pc : (int)ExecutionStatus.BadJump);
        return goesOn && Visit(next) ? next : End(OpCode.Exit, next);
    }

    // Leaves the trace if the condition is, or is not, true.
    private void SideExit(int condition, bool ifTrue, OpCode end, int immediate)
    {
        var op = Condition(condition, ifTrue);
        draft.Append(op with { Exit = AddExit(end, immediate, draft.Ops.Count) });
        StartSegment(draft.Ops.Count - 1);
    }

    // The conditional exit on a value. What computes it becomes part of it when nothing else needs it.
    private DraftOp Condition(int condition, bool ifTrue)
    {
        while (draft.Values[condition] is { Kind: ValueKind.Result, OnStack: 0 } value
            && value.Definition == draft.Ops.Count - 1 && draft.Ops.Count - 1 > _charger)
        {
            var maker = draft.Ops[^1];
            if (Fused(maker.Code, ifTrue) is not { } fused)
            {
                break;
            }

            draft.Ops.RemoveAt(draft.Ops.Count - 1);
            if (maker.Code != OpCode.IsZero)
            {
                return maker with { Code = fused, D = 0 };
            }

            (condition, ifTrue) = (maker.A, !ifTrue);
        }

        return new DraftOp { Code = ifTrue ? OpCode.IfNotZero : OpCode.IfZero, A = condition };
    }

    private static OpCode? Fused(OpCode maker, bool ifTrue) => maker switch
    {
        OpCode.IsZero => OpCode.IfZero,
        OpCode.Less => ifTrue ? OpCode.IfLess : OpCode.IfNotLess,
        OpCode.LessC => ifTrue ? OpCode.IfLessC : OpCode.IfNotLessC,
        OpCode.GreaterC => ifTrue ? OpCode.IfGreaterC : OpCode.IfNotGreaterC,
        OpCode.Equal => ifTrue ? OpCode.IfEqual : OpCode.IfNotEqual,
        OpCode.EqualC => ifTrue ? OpCode.IfEqualC : OpCode.IfNotEqualC,
        OpCode.Sub or OpCode.Xor => ifTrue ? OpCode.IfNotEqual : OpCode.IfEqual,
        OpCode.SubC or OpCode.SubFromC => ifTrue ? OpCode.IfNotEqualC : OpCode.IfEqualC,
        _ => null,
    };

    // Whether the code at an offset does nothing but fail, as after the check of a require.
    private bool LeadsToFailure(int pc)
    {
        var target = -1;
        var mayJump = true;
        for (var i = 0; i < 48 && pc < _frame.CodeLength; i++)
        {
            var op = (Opcode)_frame.Code[pc];
            if (op == Opcode.Revert || !_instructions.Exists(op))
            {
                return true;
            }

            if (op is Opcode.JumpI or Opcode.Stop or Opcode.Return or Opcode.SStore || (op == Opcode.Jump && !mayJump))
            {
                return false;
            }

            if (op == Opcode.Jump)
            {
                mayJump = false;
                pc = target;
                if (pc < 0 || pc >= _frame.CodeLength)
                {
                    return false;
                }

                continue;
            }

            target = op == Opcode.Push2 ? (int)Words.ShortImmediate(_frame.Code + pc, 2) : -1;
            pc += op is >= Opcode.Push1 and <= Opcode.Push32 ? (int)op - (int)Opcode.Push0 + 1 : 1;
        }

        return false;
    }

    private void Binary(OpCode places, OpCode constantSecond, OpCode constantFirst)
    {
        var first = Pop();
        var second = Pop();
        var isFirst = draft.Values[first].Kind == ValueKind.Constant;
        var isSecond = draft.Values[second].Kind == ValueKind.Constant;
        if (isFirst && isSecond && Folding.TryFold(
            places, draft.Values[first].Word, draft.Values[second].Word, out var folded))
        {
            Push(draft.Constant(folded));
        }
        else if (isSecond && !isFirst && constantSecond != places && constantSecond != default)
        {
            Push(draft.Result(constantSecond, first, constant: second));
        }
        else if (isFirst && !isSecond && constantFirst != places && constantFirst != default)
        {
            Push(draft.Result(constantFirst, second, constant: first));
        }
        else
        {
            first = InPlace(first);
            Push(draft.Result(places, first, InPlace(second)));
        }
    }

    private void PushResult(OpCode code, OpCode folding, int a, int b)
    {
        if (draft.Values[a].Kind == ValueKind.Constant
            && Folding.TryFold(folding, draft.Values[a].Word, draft.Values[b].Word, out var folded))
        {
            Push(draft.Constant(folded));
            return;
        }

        Push(draft.Result(code, InPlace(a)));
    }

    // The number of bits is on top.
    private void Shift(OpCode places, OpCode number)
    {
        var count = Pop();
        var value = Pop();
        ref var bits = ref draft.Values[count];
        if (bits.Kind == ValueKind.Constant && draft.Values[value].Kind == ValueKind.Constant
            && Folding.TryFold(places, draft.Values[value].Word, bits.Word, out var folded))
        {
            Push(draft.Constant(folded));
        }
        else if (bits.Kind == ValueKind.Constant && bits.Word < 256)
        {
            Push(draft.Result(number, InPlace(value), immediate: bits.Word.U0));
        }
        else
        {
            value = InPlace(value);
            Push(draft.Result(places, value, InPlace(count)));
        }
    }

    private void Load()
    {
        var offset = Pop();
        Push(IsShort(offset, out var number)
            ? draft.Result(OpCode.MemoryLoadN, immediate: number)
            : draft.Result(OpCode.MemoryLoad, InPlace(offset)));
    }

    private void Store()
    {
        var offset = Pop();
        var value = InPlace(Pop());
        draft.Append(IsShort(offset, out var number)
            ? new DraftOp { Code = OpCode.MemoryStoreN, A = value, Immediate = number }
            : new DraftOp { Code = OpCode.MemoryStore, A = value, B = InPlace(offset) });
    }

    private void Hash()
    {
        var offset = Pop();
        var length = Pop();
        if (IsShort(offset, out var from) && IsShort(length, out var count))
        {
            Push(draft.Result(OpCode.KeccakN, immediate: from | count << 32));
            return;
        }

        offset = InPlace(offset);
        Push(draft.Result(OpCode.Keccak, offset, InPlace(length)));
    }

    private void StoreSlot()
    {
        var key = InPlace(Pop());
        draft.Append(new DraftOp { Code = OpCode.SStore, A = key, B = InPlace(Pop()) });
        StartSegment(draft.Ops.Count - 1);
    }

    private void CallBody(Opcode op, int inputs)
    {
        var body = (ulong)_instructions.Bodies[(int)op];
        Debug.Assert(body != 0, "what has no body is decoded by itself");
        var growth = _instructions.Growth[(int)op];
        if (inputs == 0)
        {
            Push(draft.Result(OpCode.Body0, immediate: body));
        }
        else if (inputs == 1 && growth == 0)
        {
            Push(draft.Result(OpCode.Body1, InPlace(Pop()), immediate: body));
        }
        else
        {
            Arguments(inputs);
            if (growth + inputs == 0)
            {
                draft.Append(new DraftOp
                {
                    Code = OpCode.BodyNoResult, Immediate = body, Charge = inputs,
                });
            }
            else
            {
                Push(draft.Result(OpCode.BodyN, immediate: body));
                draft.Ops[^1] = draft.Ops[^1] with { Charge = inputs };
            }
        }
    }

    private int EndWith(OpCode end, int inputs)
    {
        Arguments(inputs);
        return End(end, inputs);
    }

    // Moves operands to the place for arguments, the top one highest.
    private void Arguments(int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            Argument(Pop(), i);
        }
    }

    private void Argument(int value, int index)
    {
        var isConstant = draft.Values[value].Kind == ValueKind.Constant;
        draft.Append(new DraftOp
        {
            Code = OpCode.Move,
            D = -1 - index,
            A = isConstant ? 0 : value,
            Constant = isConstant ? value : 0,
        });
    }

    // The value, in a place if it is a constant.
    private int InPlace(int value)
    {
        if (draft.Values[value].Kind != ValueKind.Constant)
        {
            return value;
        }

        if (draft.Values[value].Materialised == 0)
        {
            draft.Values[value].Materialised = draft.Result(OpCode.SetWord, constant: value);
        }

        return draft.Values[value].Materialised;
    }

    private bool IsShort(int value, out ulong number)
    {
        ref var constant = ref draft.Values[value];
        number = constant.Word.U0;
        return constant.Kind == ValueKind.Constant && constant.Word < 1 << 30;
    }

    private int At(int position)
    {
        ref var value = ref _stack[Deepest + position];
        if (value == 0)
        {
            value = draft.Slot(position);
            draft.Values[value].OnStack = 1;
            _lowest = Math.Min(_lowest, position);
        }

        return value;
    }

    private void Push(int value)
    {
        _top++;
        _lowest = Math.Min(_lowest, _top);
        _stack[Deepest + _top] = value;
        draft.Values[value].OnStack++;
    }

    private void PushNumber(int number) => Push(draft.Constant((ulong)number));

    private int Pop()
    {
        var value = At(_top--);
        draft.Values[value].OnStack--;
        return value;
    }

    private void Exchange(int position)
    {
        var (upper, lower) = (At(_top), At(position));
        _stack[Deepest + _top] = lower;
        _stack[Deepest + position] = upper;
    }

    private void Reverse() => Exchange(_top - 1);

    private void StartSegment(int charger)
    {
        Close();
        _charger = charger;
    }

    private void Close()
    {
        if (_charger < 0)
        {
            draft.Gas = _gas;
        }
        else
        {
            draft.Ops[_charger] = draft.Ops[_charger] with { Charge = _gas };
        }

        _gas = 0;
    }

    private int End(OpCode end, int immediate)
    {
        Close();
        AddExit(end, immediate, draft.Ops.Count);
        return -1;
    }

    private int AddExit(OpCode end, int immediate, int op)
    {
        var first = draft.Words.Count;
        if (end is OpCode.Exit or OpCode.ExitDynamic or OpCode.ExitIfDynamic or OpCode.Call)
        {
            for (var position = _lowest; position <= _top; position++)
            {
                var value = _stack[Deepest + position];
                if (value != 0)
                {
                    draft.Values[value].LastUse = op;
                    draft.Words.Add(new DraftWord(position, value));
                }
            }
        }

        draft.Exits.Add(new DraftExit
        {
            First = first, Count = draft.Words.Count - first, Top = _top, Code = end, Immediate = (ulong)immediate,
        });
        return draft.Exits.Count;
    }

    // Notes an offset where execution goes on; false if the trace was there before, or has been to too many. Where the
    // trace is back at its start, it may go round again.
    private bool Visit(int pc)
    {
        if (_visitedCount > 0 && pc == _visited[0]
            && _rounds < RoundsMax && _count / _rounds * (_rounds + 1) < InstructionsOfRounds)
        {
            _rounds++;
            _visitedCount = 1;
            return true;
        }

        if (_visitedCount == _visited.Length || _visited.AsSpan(0, _visitedCount).Contains(pc))
        {
            return false;
        }

        _visited[_visitedCount++] = pc;
        return true;
    }
}
