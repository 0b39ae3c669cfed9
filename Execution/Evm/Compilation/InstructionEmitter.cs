using System.Reflection;
using System.Reflection.Emit;
using Fragcast.Execution.Evm.Analysis;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// Emits the instructions that do not end a block. Each takes symbolic words and gives one; what has no emission of its
/// own calls its body of the instruction table on the stack's memory.
/// </summary>
internal sealed unsafe class InstructionEmitter(IlWriter il, BlockMap map, BlockEnds ends)
{
    private readonly InstructionTable _instructions = map.Instructions;
    private readonly WordArithmetic _arithmetic = new(il);
    private readonly WordBits _bits = new(il);

    /// <summary>What is known where code is being emitted.</summary>
    public required TraceState State { get; set; }

    public WordArithmetic Arithmetic => _arithmetic;

    private SymbolicStack Stack => State.Stack;

    /// <summary>Emits the instruction at an offset of the code.</summary>
    public void Emit(Opcode op, ReadOnlySpan<byte> code, int pc, MemoryEmitter memory)
    {
        switch (op)
        {
            case Opcode.JumpDest: break;
            case Opcode.Pop: Stack.Drop(1); break;
            case Opcode.Pc: Stack.Push(Word.Constant((ulong)pc)); break;
            case Opcode.CodeSize: Stack.Push(Word.Constant((ulong)code.Length)); break;
            case Opcode.Gas: il.Gas(); Stack.Push(new Word(il.Keep(long.MaxValue))); break;
            case >= Opcode.Push0 and <= Opcode.Push32: Push(op - Opcode.Push0, code, pc); break;
            case >= Opcode.Dup1 and <= Opcode.Dup16: Stack.Push(Stack.Peek(op - Opcode.Dup1)); break;
            case >= Opcode.Swap1 and <= Opcode.Swap16: Stack.Swap(op - Opcode.Swap1 + 1); break;
            case Opcode.Add: Binary(_arithmetic.Add); break;
            case Opcode.Sub: Binary(_arithmetic.Subtract); break;
            case Opcode.Lt: Binary(_arithmetic.Less); break;
            case Opcode.Gt: Binary((a, b) => _arithmetic.Less(b, a)); break;
            case Opcode.SLt: Binary(_arithmetic.SignedLess); break;
            case Opcode.SGt: Binary((a, b) => _arithmetic.SignedLess(b, a)); break;
            case Opcode.Eq: Binary(_arithmetic.AreEqual); break;
            case Opcode.And: Binary(_bits.And); break;
            case Opcode.Or: Binary(_bits.Or); break;
            case Opcode.Xor: Binary(_bits.Xor); break;
            case Opcode.Not: Stack.Push(_bits.Not(State.PopOwned())); break;
            case Opcode.IsZero: Stack.Push(_arithmetic.IsZero(State.PopOwned())); break;
            case Opcode.Mul: Multiply(); break;
            case Opcode.Div: Divide(op, remainder: false); break;
            case Opcode.Mod: Divide(op, remainder: true); break;
            case Opcode.SDiv: DivideSigned(op, remainder: false); break;
            case Opcode.SMod: DivideSigned(op, remainder: true); break;
            case Opcode.Shl: Shift(op, _bits.ShiftLeft, nameof(UInt256.ShiftLeft)); break;
            case Opcode.Shr: Shift(op, _bits.ShiftRight, nameof(UInt256.ShiftRight)); break;
            case Opcode.Sar: Shift(op, _bits.ShiftRightSigned, nameof(UInt256.Sar)); break;
            case Opcode.Byte: ByIndex(op, _bits.ByteAt, 32); break;
            case Opcode.SignExtend: ByIndex(op, _bits.SignExtend, 31); break;
            case Opcode.MLoad: memory.Load(State); break;
            case Opcode.MStore: memory.Store(State); break;
            case Opcode.MStore8: memory.StoreByte(State); break;
            case Opcode.CallDataSize: PushField(nameof(Frame.InputLength), int.MaxValue); break;
            case Opcode.ReturnDataSize: PushField(nameof(Frame.ReturnDataLength), int.MaxValue); break;
            case Opcode.MSize: PushField(nameof(Frame.MemorySize), long.MaxValue); break;
            default: CallBody(op); break;
        }
    }

    // Bits that the result of a body has at most.
    private static int BitsOf(Opcode op) => op switch
    {
        Opcode.Address or Opcode.Caller or Opcode.Origin or Opcode.Coinbase => 160,
        Opcode.Timestamp or Opcode.Number or Opcode.GasLimit => 64,
        Opcode.ExtCodeSize => 32,
        Opcode.Byte => 8,
        Opcode.Clz => 9,
        _ => 256,
    };

    // Bodies that neither fail nor charge.
    private static bool IsFree(Opcode op) => op is (>= Opcode.Div and <= Opcode.SignExtend and not Opcode.Exp)
        or Opcode.Byte or Opcode.Clz or Opcode.Address or Opcode.Origin or Opcode.Caller or Opcode.CallValue
        or Opcode.CallDataLoad or Opcode.GasPrice or (>= Opcode.BlockHash and <= Opcode.BlobBaseFee) or Opcode.TLoad;

    // The exponent, if the value is a power of two.
    private static bool TryLog2(in UInt256 value, out int exponent)
    {
        exponent = value.BitLength - 1;
        return !value.IsZero && (value & (value - UInt256.One)).IsZero;
    }

    private void Push(int length, ReadOnlySpan<byte> code, int pc)
    {
        Span<byte> immediate = stackalloc byte[length];
        immediate.Clear();
        var available = Math.Clamp(code.Length - pc - 1, 0, length);
        code.Slice(Math.Min(pc + 1, code.Length), available).CopyTo(immediate);
        var value = Word.Constant(UInt256.FromBigEndian(immediate));
        var isDestination = FlowGraph.DestinationOf(code, pc, map) >= 0;
        Stack.Push(isDestination
            ? new Word(value[0], value[1], value[2], value[3]) { IsDestination = true }
            : value);
    }

    private void Binary(Func<Word, Word, Word> operation)
    {
        var a = State.PopOwned();
        var b = State.PopOwned();
        Stack.Push(operation(a, b));
    }

    private void PushField(string name, ulong max)
    {
        il.Field(typeof(Frame).GetField(name)!);
        il.Op(OpCodes.Conv_U8);
        Stack.Push(new Word(il.Keep(max)));
    }

    private void Multiply()
    {
        var (a, b) = (Stack.Peek(0), Stack.Peek(1));
        if (a.IsConstant && TryLog2(a.Value, out var count))
        {
            Stack.Drop(1);
            Stack.Push(_bits.ShiftLeft(State.PopOwned(), count));
        }
        else if (b.IsConstant && TryLog2(b.Value, out count))
        {
            a = State.PopOwned();
            Stack.Drop(1);
            Stack.Push(_bits.ShiftLeft(a, count));
        }
        else if (!TryBinary(_arithmetic.TryMultiply))
        {
            CallRoutine(nameof(UInt256.Multiply));
        }
    }

    private void Divide(Opcode op, bool remainder)
    {
        var divisor = Stack.Peek(1);
        if (divisor.IsConstant && TryLog2(divisor.Value, out var count))
        {
            var dividend = State.PopOwned();
            Stack.Drop(1);
            Stack.Push(remainder
                ? _bits.And(dividend, Word.Constant(divisor.Value - UInt256.One))
                : _bits.ShiftRight(dividend, count));
        }
        else if (!TryBinary((a, b) => _arithmetic.TryDivide(a, b, remainder)))
        {
            CallBody(op);
        }
    }

    private void DivideSigned(Opcode op, bool remainder)
    {
        if (Stack.Peek(0).IsPositive && Stack.Peek(1).IsPositive)
        {
            Divide(remainder ? Opcode.Mod : Opcode.Div, remainder);
        }
        else
        {
            CallBody(op);
        }
    }

    private void Shift(Opcode op, Func<Word, int, Word> byConstant, string routine)
    {
        var count = Stack.Peek(0);
        if (!count.IsConstant)
        {
            CallShift(routine);
        }
        else if (count.Value < 256 || (op == Opcode.Sar && !Stack.Peek(1).IsPositive))
        {
            Stack.Drop(1);
            var shift = count.Value < 256 ? (int)count.Value : 255;
            Stack.Push(count.Value < 256
                ? byConstant(State.PopOwned(), shift)
                : AllSign(State.PopOwned()));
        }
        else
        {
            Stack.Drop(2);
            Stack.Push(new Word(Limb.Zero));
        }
    }

    private Word AllSign(Word word)
    {
        var sign = word[3].IsConstant
            ? Limb.Constant((ulong)((long)word[3].Value >> 63))
            : il.Shift(OpCodes.Shr, word[3], 63, ulong.MaxValue);
        return new Word(sign, sign, sign, sign);
    }

    private void ByIndex(Opcode op, Func<Word, int, Word> byConstant, ulong end)
    {
        var index = Stack.Peek(0);
        if (!index.IsConstant)
        {
            CallBody(op);
            return;
        }

        Stack.Drop(1);
        var word = State.PopOwned();
        Stack.Push(index.Value < end ? byConstant(word, (int)index.Value)
            : op == Opcode.Byte ? new Word(Limb.Zero)
            : word);
    }

    private bool TryBinary(Func<Word, Word, Word?> operation)
    {
        // Read into variables only if that is of use.
        var (a, b) = (Stack.Peek(0), Stack.Peek(1));
        var isSmall = (a.IsSmall && b.IsSmall) || (a.IsConstant && b.IsConstant) || a.IsZero || b.IsZero;
        if (!isSmall || operation(State.Own(a), State.Own(b)) is not { } result)
        {
            return false;
        }

        Stack.Drop(2);
        Stack.Push(result);
        return true;
    }

    // Calls a routine (in, in, out) on the two top words, wherever they are in memory.
    private void CallRoutine(string name, bool reversed = false)
    {
        var type = typeof(UInt256).MakeByRefType();
        var routine = typeof(UInt256).GetMethod(name, [type, type, type])!;
        State.SettleSomewhere(2);
        var (first, second) = (Stack.Peek(0).Home, Stack.Peek(1).Home);
        Stack.Drop(2);
        var result = Stack.Top + 1;
        State.Vacate(result);
        il.SlotAddress(reversed ? second : first);
        il.SlotAddress(reversed ? first : second);
        il.SlotAddress(result);
        il.Call(routine);
        Stack.Push(Word.InSlot(result));
    }

    // A shift's routine takes the value first and then the count, which is on top.
    private void CallShift(string name) => CallRoutine(name, reversed: true);

    private void CallBody(Opcode op)
    {
        var check = _instructions.Checks[(int)op];
        var taken = check.StackInBytes / InstructionTable.WordSize;
        var given = taken + _instructions.Growth[(int)op];
        for (var i = 0; i < taken; i++)
        {
            State.Settle(Stack.Top - i);
        }

        var result = Stack.Top - taken + 1;
        if (given > 0)
        {
            State.Vacate(result);
        }

        il.Frame();
        il.SlotAddress(Stack.Top);
        il.Gas();
        il.Long((ulong)_instructions.Bodies[(int)op]);
        il.Op(OpCodes.Conv_I);
        il.Generator.EmitCalli(
            OpCodes.Calli,
            CallingConventions.Standard,
            typeof(long),
            [typeof(Frame), typeof(UInt256*), typeof(long)],
            null);
        if (IsFree(op))
        {
            il.Op(OpCodes.Pop);
        }
        else
        {
            ends.TakeGas();
        }

        Stack.Drop(taken);
        if (given > 0)
        {
            Stack.Push(Word.InSlot(result, BitsOf(op)));
        }
    }
}
