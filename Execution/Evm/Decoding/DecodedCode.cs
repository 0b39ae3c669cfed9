using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>
/// The traces of a code that were decoded so far, and where they start. A trace is decoded when execution first comes
/// to its start. Belongs to one machine.
/// </summary>
internal sealed unsafe class DecodedCode : IDisposable
{
    // Operations that a code may take: many times what code needs that is executed, for traces overlap. The memory is
    // asked for in one piece, but the system gives pages only where something is written.
    private const int OpsPerByte = 8;
    private const int OpsLeast = 1024;

    private readonly int _capacity;
    private readonly ZeroedBlock _opBlock;
    private readonly ZeroedBlock _entryBlock;
    private readonly nint* _entries;
    private readonly Op* _ops;
    private int _count;

    /// <summary>Room for the traces of a code of the given length under the given instructions.</summary>
    public DecodedCode(int length, InstructionTable instructions)
    {
        Instructions = instructions;
        _capacity = OpsLeast + (int)Math.Min((long)length * OpsPerByte, 1 << 20);
        EntryCount = length + 1;
        _opBlock = new ZeroedBlock(_capacity, sizeof(Op));
        _entryBlock = new ZeroedBlock(EntryCount, sizeof(nint));
        _ops = (Op*)_opBlock.Start;
        _entries = (nint*)_entryBlock.Start;
    }

    /// <summary>The instructions that the code was decoded for.</summary>
    public InstructionTable Instructions { get; }

    /// <summary>Whether there is no room for further traces.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether traces should be short, because room runs out.</summary>
    public bool IsCrowded => _count > _capacity / 2;

    /// <summary>Bytes in use.</summary>
    public int Size => (_count * sizeof(Op)) + (EntryCount * sizeof(nint));

    private int EntryCount { get; }

    /// <summary>The trace that starts at an offset; null if it was not decoded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Op* EntryAt(long pc) => (Op*)_entries[pc];

    /// <summary>Notes where the trace of an offset is.</summary>
    public void SetEntry(int pc, Op* entry) => _entries[pc] = (nint)entry;

    /// <summary>Room for operations in a row; null if there is not enough.</summary>
    public Op* Allocate(int count)
    {
        if (IsFull || count > _capacity - _count)
        {
            IsFull = true;
            return null;
        }

        var first = _ops + _count;
        _count += count;
        return first;
    }

    /// <summary>A constant, which stays where it is; null if there is no room, as then for the trace itself.</summary>
    public UInt256* Constant(in UInt256 word)
    {
        var place = (UInt256*)Allocate(sizeof(UInt256) / sizeof(Op));
        if (place == null)
        {
            return null;
        }

        *place = word;
        return place;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _opBlock.Dispose();
        _entryBlock.Dispose();
    }
}
