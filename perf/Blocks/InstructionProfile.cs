using System.Diagnostics;
using System.Runtime.InteropServices;
using Fragcast.Execution.Evm;

namespace Fragcast.Perf.Blocks;

/// <summary>Kinds of instructions that a profile tells apart.</summary>
internal enum InstructionKind
{
    /// <summary>Arithmetic, stack, memory, jumps, context.</summary>
    Compute,

    /// <summary>KECCAK256.</summary>
    Keccak,

    /// <summary>SLOAD, SSTORE, TLOAD, TSTORE.</summary>
    Storage,

    /// <summary>Calls and creations, precompiles that they run, and access to other accounts.</summary>
    Calls,

    /// <summary>Logs.</summary>
    Logs,
}

/// <summary>
/// Counts instructions, and times those that are dear beside two looks at the clock; the rest is what remains of the
/// time of execution. Only the interpreter reports its steps, and slowly: a run with this is for shares, not for times.
/// </summary>
internal sealed class InstructionProfile
{
    private readonly long[] _ticks = new long[Enum.GetValues<InstructionKind>().Length];
    private readonly long[] _counts = new long[Enum.GetValues<InstructionKind>().Length];
    private readonly long _clockTicks = ClockCost();
    private InstructionKind _running = InstructionKind.Compute;
    private long _start;

    /// <summary>How many instructions of a kind were executed.</summary>
    public long Count(InstructionKind kind) => _counts[(int)kind];

    /// <summary>Time that instructions of a kind took, in nanoseconds; not known of <c>Compute</c>.</summary>
    public long ElapsedNs(InstructionKind kind) =>
        (long)(Math.Max(_ticks[(int)kind] - _counts[(int)kind] * _clockTicks, 0) * (1e9 / Stopwatch.Frequency));

    /// <summary>An instruction begins.</summary>
    public void Begin(byte opcode)
    {
        EndRunning();
        InstructionKind kind = KindOf(opcode);
        _counts[(int)kind]++;
        if (kind == InstructionKind.Compute) return;
        _running = kind;
        _start = Stopwatch.GetTimestamp();
    }

    /// <summary>The instruction that ran has ended.</summary>
    public void EndRunning()
    {
        if (_running == InstructionKind.Compute) return;
        _ticks[(int)_running] += Stopwatch.GetTimestamp() - _start;
        _running = InstructionKind.Compute;
    }

    private static InstructionKind KindOf(byte opcode) => opcode switch
    {
        0x20 => InstructionKind.Keccak,
        0x54 or 0x55 or 0x5c or 0x5d => InstructionKind.Storage,
        0x31 or 0x3b or 0x3c or 0x3f or >= 0xf0 and <= 0xf2 or 0xf4 or 0xf5 or 0xfa or 0xff => InstructionKind.Calls,
        >= 0xa0 and <= 0xa4 => InstructionKind.Logs,
        _ => InstructionKind.Compute,
    };

    private static long ClockCost()
    {
        long least = long.MaxValue;
        for (int i = 0; i < 1000; i++)
        {
            long start = Stopwatch.GetTimestamp();
            least = Math.Min(least, Stopwatch.GetTimestamp() - start);
        }

        return least;
    }
}

/// <summary>Feeds a profile.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct ProfileTracer(InstructionProfile profile) : ITracer
{
    public static bool IsEnabled => true;

    public void OnStep(in TraceStep step) => profile.Begin(step.Opcode);

    public void OnFrameStart(long callerGasLeft) => profile.EndRunning();

    public void OnFrameEnd(ExecutionStatus status, long gasLeft) => profile.EndRunning();
}
