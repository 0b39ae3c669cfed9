using System.Diagnostics;
using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>Why a tier gave control back to the machine.</summary>
internal enum FrameExit : byte
{
    /// <summary>
    /// Not an exit: the call was answered at once and the frame goes on (between a tier and its call helper).
    /// </summary>
    Continue,

    /// <summary>A frame was entered and is the machine's current one; this one waits for its result.</summary>
    Entered,

    /// <summary>
    /// The interpreter made as many jumps as it was allowed to (<see cref="Frame.JumpsLeft"/>); the frame goes on, in
    /// whatever tier.
    /// </summary>
    Paused,

    /// <summary>The frame ended; its status, gas and output say how.</summary>
    Ended,
}

/// <summary>
/// A call frame: all that a tier needs to run code until it exits, and that another tier could resume. Frames are
/// pooled by depth; a frame's memory and output stay valid until the next frame of its depth starts. Everything it
/// points to is pinned.
/// </summary>
internal sealed unsafe class Frame(EvmMachine machine, int depth)
{
    /// <summary>Memory beyond this is out of gas; its price would be above 2^41.</summary>
    private const ulong MemoryLimit = 1UL << 30;

    // A frame keeps a buffer of this length, so that few pass through the machine's pool: 16 MiB for all depths.
    private const int MemoryKept = 1 << 14;

    public readonly EvmMachine Machine = machine;
    public readonly int Depth = depth;

    // Resumable position. Sp points at the top word, Floor at the word below the first one.
    public byte* Pc;
    public UInt256* Sp;
    public UInt256* Floor;
    public long Gas;

    // Jumps that the interpreter may make before it pauses.
    public long JumpsLeft;

    // Code being executed, padded (see CodeEntry), and its jump destinations as far as known, a bit per byte.
    public byte* Code;
    public int CodeLength;
    public ulong* JumpDestinations;

    public byte* Memory;
    public ulong MemorySize;

    // First offset at which a whole word is not within memory; 0 if no word is.
    public ulong WordEnd;

    public byte* Input;
    public int InputLength;
    public byte* ReturnData;
    public int ReturnDataLength;

    public CallKind Kind;
    public bool IsStatic;
    public int Self;
    public Address SelfAddress;
    public Address Caller;
    public UInt256 Value;

    // State checkpoint to return to on failure.
    public int Checkpoint;

    // Where the output of the frame that this one waits for goes.
    public ulong OutOffset;
    public int OutLength;

    // How the frame ended.
    public ExecutionStatus Status;
    public byte* Output;
    public int OutputLength;

    private readonly InitCode _initCode = new(machine.Memories);
    private byte[] _memoryArray = [];
    private long _memoryCost;

    /// <summary>The contract's code that the frame runs; null when it runs init code.</summary>
    public CodeEntry? CodeEntry { get; private set; }

    /// <summary>Makes the frame run a contract's code.</summary>
    public void SetCode(CodeEntry code)
    {
        CodeEntry = code;
        Code = Pc = code.Start;
        CodeLength = code.Length;
        JumpDestinations = code.JumpDestinations;
    }

    /// <summary>Makes the frame run init code, which is copied.</summary>
    public void SetInitCode(ReadOnlySpan<byte> code)
    {
        CodeEntry = null;
        _initCode.Set(code);
        Code = Pc = _initCode.Start;
        CodeLength = code.Length;
        JumpDestinations = _initCode.JumpDestinations;
    }

    /// <summary>
    /// Sets the call data, which is pinned and does not change while the frame runs: the caller's memory.
    /// </summary>
    public void SetInput(ReadOnlySpan<byte> input)
    {
        fixed (byte* data = input)
        {
            Input = data;
        }

        InputLength = input.Length;
    }

    /// <summary>Empties stack, memory and return data; the stack starts above <paramref name="floor"/>.</summary>
    public void Start(UInt256* floor)
    {
        Floor = Sp = floor;
        MemorySize = 0;
        WordEnd = 0;
        _memoryCost = 0;
        ReturnDataLength = 0;
        OutputLength = 0;
        Status = ExecutionStatus.Success;
    }

    /// <summary>
    /// Lets go of the code, so that a pooled frame keeps nothing alive, and of buffers but for a short memory.
    /// </summary>
    public void Release()
    {
        CodeEntry = null;
        _initCode.Release();
        if (_memoryArray.Length > MemoryKept)
        {
            Machine.Memories.Give(_memoryArray);
            _memoryArray = [];
            Memory = null;
        }
    }

    /// <summary>Whether a word is the offset of a JUMPDEST in the code that is not part of an immediate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsJumpDestination(in UInt256 target)
    {
        var offset = target.U0;
        return target.FitsUInt64 && offset < (ulong)CodeLength
            && (((JumpDestinations[offset >> 6] >> (int)offset) & 1) != 0 || FindJumpDestination((int)offset));
    }

    /// <summary>The frame ends with an error: no output, no gas.</summary>
    public FrameExit Fail(ExecutionStatus status)
    {
        Status = status;
        Gas = 0;
        OutputLength = 0;
        return FrameExit.Ended;
    }

    /// <summary>The frame ends as STOP does.</summary>
    public FrameExit Stop(long gas)
    {
        Gas = gas;
        return FrameExit.Ended;
    }

    /// <summary>The frame ends by SELFDESTRUCT.</summary>
    public FrameExit SelfDestruct(UInt256* sp, long gas)
    {
        gas = AccountOps.SelfDestruct(this, sp, gas);
        return gas < 0 ? Fail(Fault.StatusOf(gas)) : Stop(gas);
    }

    /// <summary>The interpreter stops at a jump destination, for the machine to choose the tier anew.</summary>
    public FrameExit Pause(byte* pc, UInt256* sp, long gas)
    {
        Save(pc, sp, gas);
        return FrameExit.Paused;
    }

    /// <summary>
    /// Saves the position from which a tier resumes, with the stack as the instruction under way found it.
    /// </summary>
    public Frame Save(byte* pc, UInt256* sp, long gas)
    {
        Pc = pc;
        Sp = sp;
        Gas = gas;
        return this;
    }

    /// <summary>The frame ends with the output that RETURN or REVERT names on the stack.</summary>
    public FrameExit Return(UInt256* sp, long gas, ExecutionStatus status)
    {
        gas = EnsureMemory(sp[0], sp[-1], gas);
        if (gas < 0)
        {
            return Fail(Fault.StatusOf(gas));
        }

        Status = status;
        Gas = gas;
        OutputLength = (int)sp[-1].U0;
        Output = OutputLength == 0 ? null : Memory + sp[0].U0;
        return FrameExit.Ended;
    }

    /// <summary>
    /// Makes the range part of memory and charges for it. A range of length zero needs no memory, wherever it is.
    /// </summary>
    /// <returns>Gas left, or a fault.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long EnsureMemory(in UInt256 offset, in UInt256 length, long gas)
    {
        if (offset.FitsUInt64 && length.FitsUInt64
            && length.U0 <= MemorySize && offset.U0 <= MemorySize - length.U0)
        {
            return gas;
        }

        return GrowMemory(offset, length, gas);
    }

    /// <summary>Memory from an offset that <see cref="EnsureMemory"/> has made room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> MemorySpan(in UInt256 offset, in UInt256 length) =>
        length.U0 == 0 ? default : new Span<byte>(Memory + offset.U0, (int)length.U0);

    // Analyses the code so far, if it is not yet.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FindJumpDestination(int offset) => Code[offset] == (byte)Opcode.JumpDest
        && (CodeEntry?.FindJumpDestination(offset) ?? _initCode.FindJumpDestination(offset));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long GrowMemory(in UInt256 offset, in UInt256 length, long gas)
    {
        if (length.IsZero)
        {
            return gas;
        }

        if (!offset.FitsUInt64 || !length.FitsUInt64 || offset.U0 >= MemoryLimit || length.U0 > MemoryLimit - offset.U0)
        {
            return Fault.OutOfGas;
        }

        var words = (offset.U0 + length.U0 + 31) / 32;
        var cost = (long)((words * 3) + (words * words / 512));
        gas -= cost - _memoryCost;
        if (gas < 0)
        {
            return Fault.OutOfGas;
        }

        var size = words * 32;
        if (size > (ulong)_memoryArray.Length)
        {
            Reallocate(size);
        }

        new Span<byte>(Memory + MemorySize, (int)(size - MemorySize)).Clear();
        MemorySize = size;
        WordEnd = size - 31;
        _memoryCost = cost;
        return gas;
    }

    private void Reallocate(ulong size)
    {
        Debug.Assert(size <= MemoryLimit, "checked against the limit");
        var grown = Machine.Memories.Take((int)size);
        _memoryArray.AsSpan(0, (int)MemorySize).CopyTo(grown);
        Machine.Memories.Give(_memoryArray);
        _memoryArray = grown;
        fixed (byte* first = grown)
        {
            Memory = first;
        }
    }
}
