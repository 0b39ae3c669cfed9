using System.Globalization;
using System.Reflection.Emit;
using Fragcast.Execution.Evm.Analysis;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// Emits a region: traces of blocks that start at its entry and follow jumps as far as their destinations are known.
/// Where paths meet (<see cref="FlowGraph"/>) a trace ends with the stack in memory, and the block there starts a trace
/// of its own, once for each set of return addresses that are known to be on the stack.
/// </summary>
internal sealed class RegionEmitter
{
    // Beyond these a trace leaves the region at the next block: RyuJIT compiles large methods slowly, and without
    // optimisation from 60,000 bytes of IL on.
    private const int SizeMax = 10_000;
    private const int LocalsMax = 800;

    // Return addresses that tell variants of a block apart; deeper ones are forgotten.
    private const int ContextMax = 6;

    // Words of room above what a block needs, so that the blocks that follow need no check of their own.
    private const int RoomMargin = 24;

    private readonly IlWriter _il;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly BlockMap _map;
    private readonly FlowGraph _flow;
    private readonly InstructionEmitter _instructions;
    private readonly MemoryEmitter _memory;
    private readonly BlockEnds _ends;
    private readonly Dictionary<string, Label> _variants = [];
    private readonly Queue<Trace> _meetings = new();
    private readonly Stack<Trace> _branches = new();
    private readonly List<Exit> _exits = [];
    private TraceState _state;

    public RegionEmitter(IlWriter il, ReadOnlyMemory<byte> code, BlockMap map, FlowGraph flow)
    {
        (_il, _bytes, _map, _flow) = (il, code, map, flow);
        _state = new TraceState(il);
        _ends = new BlockEnds(il);
        _instructions = new InstructionEmitter(il, map, _ends) { State = _state };
        _memory = new MemoryEmitter(il, _instructions.Arithmetic, _ends);
    }

    private ReadOnlySpan<byte> Code => _bytes.Span;

    private bool IsFull => _il.Size > SizeMax || _il.LocalCount > LocalsMax;

    /// <summary>Emits the region that starts at a block.</summary>
    public void Emit(int entry)
    {
        _meetings.Enqueue(new Trace(_variants[KeyOf(entry, [])] = _il.NewLabel(), new TraceState(_il), entry));
        while (_branches.TryPop(out var trace) || _meetings.TryDequeue(out trace))
        {
            _il.Mark(trace.Start);
            _state = _instructions.State = trace.State;
            EmitTrace(trace.Pc);
        }

        EmitExits();
    }

    private void EmitTrace(int pc)
    {
        while (pc >= 0)
        {
            if (IsFull)
            {
                Leave(pc);
                return;
            }

            if (pc >= Code.Length)
            {
                _ends.Stop();
                return;
            }

            pc = EmitBlock(_map.IndexAt(pc));
        }
    }

    // Emits a block; returns the offset where the trace goes on, or -1.
    private int EmitBlock(int index)
    {
        ref readonly var block = ref _map.Blocks[index];
        CheckStack(block);
        _ends.Charge(block.Gas);
        var end = Math.Min(block.End, Code.Length);
        var pc = block.Start;
        while (pc < end)
        {
            var op = (Opcode)Code[pc];
            var length = op is >= Opcode.Push1 and <= Opcode.Push32 ? op - Opcode.Push0 + 1 : 1;
            if (pc + length >= end && block.Kind is not (BlockEnd.FallThrough or BlockEnd.Split)
                && !(block.Kind == BlockEnd.Stop && op != Opcode.Stop))
            {
                return EmitEnd(block, op);
            }

            _instructions.Emit(op, Code, pc, _memory);
            pc += length;
        }

        if (block.Kind == BlockEnd.Stop)
        {
            _ends.Stop();
            return -1;
        }

        return Follow(block.End);
    }

    private int EmitEnd(in CodeBlock block, Opcode op)
    {
        switch (block.Kind)
        {
            case BlockEnd.Jump: return EmitJump();
            case BlockEnd.JumpI: return EmitBranch(block.End);
            case BlockEnd.Invalid: _ends.Invalid(); return -1;
            case BlockEnd.Call:
            case BlockEnd.Create: _ends.Call(_state, op, block.End); return -1;
            case BlockEnd.Stop: _ends.Stop(); return -1;
            default: _ends.Finish(_state, op); return -1;
        }
    }

    private int EmitJump()
    {
        var target = _state.PopOwned();
        if (!target.IsConstant)
        {
            _ends.Jump(_state, target, _instructions.Arithmetic);
            return -1;
        }

        if (!IsDestination(target))
        {
            _ends.BadJump();
            return -1;
        }

        return Follow((int)target[0].Value);
    }

    private int EmitBranch(int next)
    {
        var target = _state.PopOwned();
        var condition = _instructions.Arithmetic.Join(_state.PopOwned(), 0);
        if (condition.IsConstant)
        {
            if (condition.IsZero)
            {
                return Follow(next);
            }

            _state.Stack.Push(target);
            return EmitJump();
        }

        var taken = _il.NewLabel();
        _il.Push(condition);
        _il.Branch(OpCodes.Brtrue, taken);
        if (target.IsConstant && IsDestination(target))
        {
            var pc = (int)target[0].Value;
            if (_flow.IsMeeting(_map.IndexAt(pc)))
            {
                _exits.Add(new Exit(taken, _state.Clone(), pc, ExitKind.Meet));
            }
            else
            {
                _branches.Push(new Trace(taken, _state.Clone(), pc));
            }
        }
        else
        {
            var state = _state.Clone();
            state.Stack.Push(target);
            _exits.Add(new Exit(taken, state, 0, ExitKind.Jump));
        }

        return Follow(next);
    }

    // Goes on at a block: in this trace, or where others meet it.
    private int Follow(int pc)
    {
        if (pc >= Code.Length || !_flow.IsMeeting(_map.IndexAt(pc)))
        {
            return pc;
        }

        Meet(pc);
        return -1;
    }

    private void Meet(int pc)
    {
        if (IsFull)
        {
            Leave(pc);
            return;
        }

        _state.SettleAll();
        _il.MoveStack(_state.Stack.Top);
        _il.Branch(OpCodes.Br, VariantOf(pc));
    }

    // The label of a block for the return addresses that are known to be on the stack.
    private Label VariantOf(int pc)
    {
        var top = _state.Stack.Top;
        var context = _state.Stack.Entries
            .Where(entry => entry.Key <= top && entry.Value.IsDestination)
            .TakeLast(ContextMax)
            .Select(entry => (Slot: entry.Key - top, entry.Value))
            .ToArray();
        var key = KeyOf(pc, context);
        if (!_variants.TryGetValue(key, out var label))
        {
            _variants[key] = label = _il.NewLabel();
            var state = new TraceState(_il);
            foreach (var (slot, word) in context)
            {
                state.Stack.Set(slot, word.At(slot));
            }

            _meetings.Enqueue(new Trace(label, state, pc));
        }

        return label;
    }

    private static string KeyOf(int pc, (int Slot, Word Value)[] context) =>
        string.Create(CultureInfo.InvariantCulture, $"{pc}:") + string.Join(
            ',', context.Select(static entry => string.Create(
                CultureInfo.InvariantCulture, $"{entry.Slot}={entry.Value.Value.U0}")));

    private bool IsDestination(Word target) =>
        target.IsSmall && target[0].Value < (ulong)Code.Length
        && FlowGraph.IsDestination(Code, (int)target[0].Value, _map);

    // Leaves the region for another one, or for the interpreter.
    private void Leave(int pc)
    {
        _state.SettleAll();
        _ends.Leave(_state.Stack.Top, pc);
    }

    private void EmitExits()
    {
        _memory.EmitOutlined();
        for (var i = 0; i < _exits.Count; i++)
        {
            var exit = _exits[i];
            _state = _instructions.State = exit.State;
            _il.Mark(exit.Start);
            EmitExit(exit);

            // What an exit to a meeting made new.
            while (_branches.TryPop(out var trace) || _meetings.TryDequeue(out trace))
            {
                _il.Mark(trace.Start);
                _state = _instructions.State = trace.State;
                EmitTrace(trace.Pc);
            }

            _memory.EmitOutlined();
        }

        _ends.EmitFailure();
    }

    private void EmitExit(in Exit exit)
    {
        switch (exit.Kind)
        {
            case ExitKind.Meet:
                Meet(exit.Pc);
                break;
            case ExitKind.Jump:
                _ends.Jump(_state, _state.PopOwned(), _instructions.Arithmetic);
                break;
            default:
                _state.SettleAll();
                _ends.Interpret(_state.Stack.Top, exit.Pc);
                break;
        }
    }

    private void CheckStack(in CodeBlock block)
    {
        var needed = Math.Max(0, block.StackNeeded - _state.Stack.Top);
        var room = Math.Max(0, block.StackGrowth + _state.Stack.Top);
        if (_state.CheckedRoom < room)
        {
            _state.CheckedDepth = Math.Max(_state.CheckedDepth, needed);
            _state.CheckedRoom = room + RoomMargin;
            var span = InstructionTable.StackLimit - _state.CheckedDepth - _state.CheckedRoom;
            if (span < 0)
            {
                // No stack meets this; what follows is not reached.
                _il.Branch(OpCodes.Br, Interpret(block.Start));
                return;
            }

            EmitHeight(_state.CheckedDepth);
            _il.Long((ulong)span * InstructionTable.WordSize);
            _il.Branch(OpCodes.Bgt_Un, Interpret(block.Start));
        }
        else if (_state.CheckedDepth < needed)
        {
            _state.CheckedDepth = needed;
            EmitHeight(needed);
            _il.Long(0);
            _il.Branch(OpCodes.Blt, Interpret(block.Start));
        }
    }

    // A place that hands the frame, as it is now, to the interpreter at a block.
    private Label Interpret(int pc)
    {
        var label = _il.NewLabel();
        _exits.Add(new Exit(label, _state.Clone(), pc, ExitKind.Interpret));
        return label;
    }

    // Pushes by how many bytes the trace's start had more on the stack than some words.
    private void EmitHeight(int words)
    {
        _il.SlotAddress(-words);
        _il.Field(typeof(Frame).GetField(nameof(Frame.Floor))!);
        _il.Op(OpCodes.Sub);
        _il.Op(OpCodes.Conv_I8);
    }

    private enum ExitKind
    {
        Interpret,
        Meet,
        Jump,
    }

    private readonly record struct Trace(Label Start, TraceState State, int Pc);

    private readonly record struct Exit(Label Start, TraceState State, int Pc, ExitKind Kind);
}
