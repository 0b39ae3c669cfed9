using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>
/// Writes a draft as operations: gives every result a place, as far as possible the one where the trace's end wants
/// it, and moves what is not in its place at an exit.
/// </summary>
internal sealed unsafe class TraceWriter(Draft draft)
{
    private const int WordSize = InstructionTable.WordSize;

    // Places above the stack: operands of bodies, one for exchanges, then results.
    private const int Arguments = 7;

    private readonly List<Op> _ops = new(1024);
    private readonly List<(int Op, int Exit)> _sideExits = new(64);
    private readonly List<(int Op, int Target)> _links = new(64);
    private readonly List<(int From, int To)> _moves = new(64);
    private readonly Stack<int> _free = new();

    private int _firstArgument;
    private int _nextPlace;

    /// <summary>Writes the draft into a code's storage; null if there is no room left.</summary>
    public Op* Write(DecodedCode code)
    {
        _ops.Clear();
        _sideExits.Clear();
        _links.Clear();
        _free.Clear();
        _firstArgument = draft.Growth + 1;
        _nextPlace = _firstArgument + Arguments + 1;
        PlaceFinalResults();
        Enter();
        for (var i = 0; i < draft.Ops.Count; i++)
        {
            Write(i, code);
        }

        WriteExit(draft.Exits[^1], code);
        foreach (var (op, exit) in _sideExits)
        {
            _links.Add((op, _ops.Count));
            WriteExit(draft.Exits[exit], code);
        }

        return Store(code);
    }

    private Op* Store(DecodedCode code)
    {
        var start = code.Allocate(_ops.Count);
        if (start == null)
        {
            return null;
        }

        CollectionsMarshal.AsSpan(_ops).CopyTo(new Span<Op>(start, _ops.Count));
        foreach (var (op, target) in _links)
        {
            start[op].Immediate = (ulong)(start + target);
        }

        return start;
    }

    private void Enter()
    {
        var needed = draft.Needed * WordSize;
        var room = Math.Max(0, InstructionTable.StackLimit - draft.Needed - draft.Growth) * WordSize;
        _ops.Add(new Op
        {
            Code = OpCode.Enter,
            A = (short)needed,
            B = (short)(ushort)room,
            Immediate = (uint)draft.Gas | (ulong)(uint)draft.Start << 32,
        });
    }

    // A result goes where the trace's end wants it if nothing reads what is there once the result is made.
    private void PlaceFinalResults()
    {
        var end = draft.Exits[^1];
        foreach (ref readonly var word in WordsOf(end))
        {
            ref var value = ref draft.Values[word.Value];
            if (value.Kind != ValueKind.Result || value.Place != int.MinValue)
            {
                continue;
            }

            // The operation that makes the result may read the place itself, but a division reads after it wrote.
            var isLate = draft.Ops[value.Definition].Code is OpCode.Div or OpCode.DivC;
            if (draft.LastUseOfSlot(word.Position) < value.Definition + (isLate ? 0 : 1))
            {
                value.Place = word.Position;
            }
        }
    }

    private ReadOnlySpan<DraftWord> WordsOf(in DraftExit exit) =>
        CollectionsMarshal.AsSpan(draft.Words).Slice(exit.First, exit.Count);

    private void Write(int index, DecodedCode code)
    {
        var op = draft.Ops[index];
        if (op.Code == OpCode.Move)
        {
            WriteArgument(op, code);
            Free(op.A, index);
            return;
        }

        var written = new Op
        {
            Code = op.Code, A = op.A == 0 ? (short)0 : Offset(op.A), B = op.B == 0 ? (short)0 : Offset(op.B),
            Immediate = op.Immediate,
        };
        if (op.D != 0)
        {
            ref var value = ref draft.Values[op.D];
            if (value.Place == int.MinValue)
            {
                value.Place = _free.Count > 0 ? _free.Pop() : _nextPlace++;
            }

            written.D = Bytes(value.Place);
        }

        Complete(op, ref written, code);
        Free(op.A, index);
        if (op.B != op.A)
        {
            Free(op.B, index);
        }

        Free(op.D, index);
    }

    // Adds the operation, with what depends on its kind.
    private void Complete(in DraftOp op, ref Op written, DecodedCode code)
    {
        switch (op.Code)
        {
            case OpCode.Gas or OpCode.SStore:
                written.Immediate = (ulong)op.Charge;
                _ops.Add(written);
                return;
            case OpCode.BodyN or OpCode.BodyNoResult:
                written.A = Bytes(_firstArgument + op.Charge - 1);
                written.B = Bytes(_firstArgument);
                _ops.Add(written);
                return;
            case OpCode.SetWord:
                WriteConstant(written.D, draft.Values[op.Constant].Word, code);
                return;
        }

        if (op.Exit == 0)
        {
            if (op.Constant != 0)
            {
                written.Immediate = (ulong)code.Constant(draft.Values[op.Constant].Word);
            }

            _ops.Add(written);
            return;
        }

        written.D = (short)(ushort)op.Charge;
        _sideExits.Add((_ops.Count, op.Exit - 1));
        _ops.Add(written);
        if (op.Constant != 0)
        {
            _ops.Add(new Op { Immediate = (ulong)code.Constant(draft.Values[op.Constant].Word) });
        }
    }

    private int PlaceOf(int value) =>
        draft.Values[value].Kind == ValueKind.Constant ? int.MinValue : draft.Values[value].Place;

    private void WriteArgument(in DraftOp op, DecodedCode code)
    {
        var to = Bytes(_firstArgument - 1 - op.D);
        if (op.Constant != 0)
        {
            WriteConstant(to, draft.Values[op.Constant].Word, code);
        }
        else
        {
            _ops.Add(new Op { Code = OpCode.Move, D = to, A = Offset(op.A) });
        }
    }

    private void WriteConstant(short to, in UInt256 word, DecodedCode code)
    {
        _ops.Add(word.FitsUInt64
            ? new Op { Code = OpCode.SetSmall, D = to, Immediate = word.U0 }
            : new Op { Code = OpCode.SetWord, D = to, Immediate = (ulong)code.Constant(word) });
    }

    // A place may be reused after the operation that reads it last.
    private void Free(int value, int index)
    {
        ref readonly var read = ref draft.Values[value];
        if (value != 0 && read.Kind == ValueKind.Result && read.LastUse == index
            && read.Place > _firstArgument + Arguments)
        {
            _free.Push(read.Place);
        }
    }

    private void WriteExit(in DraftExit exit, DecodedCode code)
    {
        _moves.Clear();
        foreach (ref readonly var word in WordsOf(exit))
        {
            var from = PlaceOf(word.Value);
            if (from != int.MinValue && from != word.Position)
            {
                _moves.Add((from, word.Position));
            }
        }

        WriteMoves();
        foreach (ref readonly var word in WordsOf(exit))
        {
            if (draft.Values[word.Value].Kind == ValueKind.Constant)
            {
                WriteConstant(Bytes(word.Position), draft.Values[word.Value].Word, code);
            }
        }

        var isArgument = exit.Code is OpCode.Return or OpCode.Revert or OpCode.SelfDestruct;
        _ops.Add(new Op
        {
            Code = exit.Code,
            D = Bytes(exit.Top),
            A = Bytes(isArgument ? _firstArgument + (int)exit.Immediate - 1 : _firstArgument),
            B = Bytes(_firstArgument + 1),
            Immediate = exit.Immediate,
        });
    }

    // Moves words so that none is overwritten before it was read.
    private void WriteMoves()
    {
        while (_moves.Count > 0)
        {
            var index = _moves.FindIndex(move => !_moves.Exists(other => other.From == move.To));
            if (index >= 0)
            {
                var (from, to) = _moves[index];
                _moves.RemoveAt(index);
                _ops.Add(new Op { Code = OpCode.Move, D = Bytes(to), A = Bytes(from) });
                continue;
            }

            // Only circles are left. After an exchange, who reads one end finds it at the other.
            var (a, b) = _moves[0];
            _moves.RemoveAt(0);
            _ops.Add(new Op { Code = OpCode.Swap, D = Bytes(b), A = Bytes(a) });
            for (var i = 0; i < _moves.Count; i++)
            {
                if (_moves[i].From == b)
                {
                    _moves[i] = (a, _moves[i].To);
                }
            }

            _moves.RemoveAll(static move => move.From == move.To);
        }
    }

    private short Offset(int value) => Bytes(draft.Values[value].Place);

    private static short Bytes(int position) => (short)(position * WordSize);
}
