using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>
/// The traces of a code that were decoded so far, and where they start. A trace is decoded when execution first comes
/// to its start. Belongs to one machine, whose memory it takes.
/// </summary>
internal sealed unsafe class DecodedCode
{
    // Operations that a code may take: many times what code needs that is executed, for traces overlap.
    private const int OpsPerByte = 8;
    private const int OpsLeast = 1024;

    private readonly DecodedMemory _memory;
    private readonly byte* _start;
    private readonly int _capacity;

    // By offset in the code, where its trace is from the start of the memory, in operations; 0 if there is none.
    private readonly uint* _entries;
    private int _count;

    private DecodedCode(int length, InstructionTable instructions, DecodedMemory memory, uint* entries)
    {
        Instructions = instructions;
        _memory = memory;
        _start = memory.Start;
        _capacity = OpsLeast + (int)Math.Min((long)length * OpsPerByte, 1 << 20);
        _entries = entries;
    }

    /// <summary>The instructions that the code was decoded for.</summary>
    public InstructionTable Instructions { get; }

    /// <summary>
    /// Room for the traces of a code of the given length under the given instructions; null if the memory has none.
    /// </summary>
    public static DecodedCode? TryCreate(int length, InstructionTable instructions, DecodedMemory memory)
    {
        // Those of the first code take the start of the memory, so that no trace is there.
        uint* entries = (uint*)memory.Take((length + 1L) * sizeof(uint));
        return entries == null ? null : new DecodedCode(length, instructions, memory, entries);
    }

    /// <summary>Whether there is no room for further traces.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether traces should be short, because room runs out.</summary>
    public bool IsCrowded => _count > _capacity / 2;

    /// <summary>The trace that starts at an offset; null if it was not decoded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Op* EntryAt(long pc)
    {
        uint place = _entries[pc];
        return place == 0 ? null : (Op*)_start + place;
    }

    /// <summary>Notes where the trace of an offset is.</summary>
    public void SetEntry(int pc, Op* entry) => _entries[pc] = (uint)(entry - (Op*)_start);

    /// <summary>Room for operations in a row; null if there is not enough.</summary>
    public Op* Allocate(int count)
    {
        Op* first = IsFull || count > _capacity - _count ? null : (Op*)_memory.Take((long)count * sizeof(Op));
        IsFull = first == null;
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
}
