using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>What a value of a draft is.</summary>
internal enum ValueKind : byte
{
    /// <summary>A word that is on the stack when the trace starts.</summary>
    Slot,

    /// <summary>The result of an operation.</summary>
    Result,

    /// <summary>A number in the code, or computed from such.</summary>
    Constant,
}

/// <summary>A word that a trace works on.</summary>
internal struct DraftValue
{
    public ValueKind Kind;

    /// <summary>How often it is on the stack at present.</summary>
    public int OnStack;

    /// <summary>Position of a slot; place of a result once it is known, as a position.</summary>
    public int Place;

    /// <summary>Operation that makes the result.</summary>
    public int Definition;

    /// <summary>Last operation that reads it.</summary>
    public int LastUse;

    /// <summary>The result that holds the constant, if an operation needed it in a place; 0 if none.</summary>
    public int Materialised;
    public UInt256 Word;
}

/// <summary>An operation whose operands are values, 0 for none.</summary>
internal struct DraftOp
{
    public OpCode Code;
    public int D;
    public int A;
    public int B;
    public ulong Immediate;

    /// <summary>Constant operand, as a value; 0 for none.</summary>
    public int Constant;

    /// <summary>Gas to charge for what follows; of conditional exits, GAS and SSTORE.</summary>
    public int Charge;

    /// <summary>The exit that it may take, counted from 1; 0 for none.</summary>
    public int Exit;
}

/// <summary>A way out of a trace: what is on the stack then, and where execution goes.</summary>
internal struct DraftExit
{
    public int First;
    public int Count;
    public int Top;

    /// <summary>Operation that ends this way: Exit or Fail, or the end of the whole trace.</summary>
    public OpCode Code;
    public ulong Immediate;
}

/// <summary>A stack word as an exit has to leave it.</summary>
internal readonly record struct DraftWord(int Position, int Value);

/// <summary>
/// A trace between bytes and operations: values instead of stack traffic. Reused; its arrays are sized for
/// <see cref="TraceReader.InstructionsMax"/>.
/// </summary>
internal sealed class Draft
{
    private const int ValuesMax = 4096;

    public readonly DraftValue[] Values = new DraftValue[ValuesMax];
    public readonly List<DraftOp> Ops = new(512);
    public readonly List<DraftExit> Exits = new(64);
    public readonly List<DraftWord> Words = new(1024);

    // Values of the words that were on the stack, from the top down.
    private readonly int[] _slots = new int[TraceReader.Deepest + 1];
    private int _slotCount;

    /// <summary>Number of values; the first is none.</summary>
    public int ValueCount;

    /// <summary>Offset of the trace's first instruction.</summary>
    public int Start;

    /// <summary>Words needed on the stack.</summary>
    public int Needed;

    /// <summary>Words by which the stack grows at most.</summary>
    public int Growth;

    /// <summary>Gas of the first segment.</summary>
    public int Gas;

    public void Reset(int start)
    {
        Ops.Clear();
        Exits.Clear();
        Words.Clear();
        Array.Clear(_slots, 0, _slotCount);
        _slotCount = 0;
        ValueCount = 1;
        (Start, Needed, Growth, Gas) = (start, 0, 0, 0);
    }

    /// <summary>The word at a position, zero or below, of the stack when the trace starts; asked for once.</summary>
    public int Slot(int position)
    {
        var value = Add(new DraftValue { Kind = ValueKind.Slot, Place = position, LastUse = -1 });
        _slots[-position] = value;
        _slotCount = Math.Max(_slotCount, 1 - position);
        return value;
    }

    /// <summary>The last operation that reads what was at a position of the stack when the trace started.</summary>
    public int LastUseOfSlot(int position) =>
        position > 0 || -position >= _slotCount || _slots[-position] == 0 ? -1 : Values[_slots[-position]].LastUse;

    public int Constant(in UInt256 word) => Add(new DraftValue { Kind = ValueKind.Constant, Word = word });

    /// <summary>Appends an operation that gives a result.</summary>
    public int Result(OpCode code, int a = 0, int b = 0, ulong immediate = 0, int constant = 0)
    {
        var value = Add(new DraftValue
        {
            Kind = ValueKind.Result, Definition = Ops.Count, LastUse = Ops.Count, Place = int.MinValue,
        });
        Append(new DraftOp { Code = code, D = value, A = a, B = b, Immediate = immediate, Constant = constant });
        return value;
    }

    /// <summary>Appends an operation, which reads its operands.</summary>
    public void Append(in DraftOp op)
    {
        Values[op.A].LastUse = Ops.Count;
        Values[op.B].LastUse = Ops.Count;
        Ops.Add(op);
    }

    private int Add(in DraftValue value)
    {
        Values[ValueCount] = value;
        return ValueCount++;
    }
}
