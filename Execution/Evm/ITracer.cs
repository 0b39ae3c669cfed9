using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Watches execution step by step. Implemented by structs and passed as a type parameter, so that execution without a
/// tracer contains no trace of it.
/// </summary>
public interface ITracer
{
    /// <summary>Whether steps are reported; a constant.</summary>
    static abstract bool IsEnabled { get; }

    /// <summary>Called before each instruction, also before one that then fails.</summary>
    void OnStep(in TraceStep step);

    /// <summary>Called when the last reported instruction entered a frame, the outermost one excepted.</summary>
    /// <param name="callerGasLeft">Gas that the calling frame kept.</param>
    void OnFrameStart(long callerGasLeft);

    /// <summary>Called when the last reported instruction ended its frame or failed.</summary>
    /// <param name="status">How the frame ended.</param>
    /// <param name="gasLeft">Gas left then, zero on failure.</param>
    void OnFrameEnd(ExecutionStatus status, long gasLeft);
}

/// <summary>An instruction about to be executed. Valid during the call only.</summary>
public readonly ref struct TraceStep
{
    /// <summary>Program counter.</summary>
    public required int Pc { get; init; }

    /// <summary>The instruction's byte.</summary>
    public required byte Opcode { get; init; }

    /// <summary>Its name, or null if the fork does not have it.</summary>
    public required string? Name { get; init; }

    /// <summary>Gas left before it.</summary>
    public required long Gas { get; init; }

    /// <summary>Depth of the frame, 1 for the outermost.</summary>
    public required int Depth { get; init; }

    /// <summary>Refund counter before it.</summary>
    public required long Refund { get; init; }

    /// <summary>The stack, top last.</summary>
    public required ReadOnlySpan<UInt256> Stack { get; init; }

    /// <summary>The memory.</summary>
    public required ReadOnlySpan<byte> Memory { get; init; }

    /// <summary>The return data of the last call.</summary>
    public required ReadOnlySpan<byte> ReturnData { get; init; }
}

/// <summary>The tracer that does nothing and costs nothing.</summary>
public readonly struct NoTracer : ITracer
{
    /// <inheritdoc/>
    public static bool IsEnabled => false;

    /// <inheritdoc/>
    public void OnStep(in TraceStep step) { }

    /// <inheritdoc/>
    public void OnFrameStart(long callerGasLeft) { }

    /// <inheritdoc/>
    public void OnFrameEnd(ExecutionStatus status, long gasLeft) { }
}
