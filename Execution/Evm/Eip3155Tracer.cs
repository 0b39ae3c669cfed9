using System.Text;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Writes a line of JSON for each instruction, as EIP-3155 says and as the tools that compare EVMs read it. The price
/// of an instruction is the gas that its frame has less when it is done: a call that enters a frame has what it handed
/// over in it, a call of a precompile only what that used.
/// </summary>
/// <param name="output">Where the lines go; not flushed or closed.</param>
public struct Eip3155Tracer(TextWriter output) : ITracer
{
    // The line of the last step in two parts, between which its price goes.
    private string? _start;
    private string _end = "";
    private long _gas;

    /// <inheritdoc/>
    public static bool IsEnabled => true;

    /// <inheritdoc/>
    public void OnStep(in TraceStep step)
    {
        Flush(step.Gas, error: null);
        var stack = new StringBuilder();
        foreach (ref readonly var word in step.Stack)
        {
            stack.Append(stack.Length == 0 ? "" : ",").Append('"').Append(word.ToString()).Append('"');
        }

        var (memory, name) = (step.Memory.Length, step.Name ?? "INVALID");
        _gas = step.Gas;
        _start = $"{{\"pc\":{step.Pc},\"op\":{step.Opcode},\"gas\":\"0x{step.Gas:x}\",\"gasCost\":\"0x";
        _end = $"\",\"memSize\":{memory},\"stack\":[{stack}],\"depth\":{step.Depth},\"refund\":{step.Refund},"
            + $"\"opName\":\"{name}\"";
    }

    /// <inheritdoc/>
    public void OnFrameStart(long callerGasLeft) => Flush(callerGasLeft, error: null);

    /// <inheritdoc/>
    public void OnFrameEnd(ExecutionStatus status, long gasLeft) =>
        Flush(gasLeft, status is ExecutionStatus.Success or ExecutionStatus.Revert ? null : status.ToString());

    /// <summary>Writes the line that ends the trace of a transaction.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="returned">What the outermost frame returned.</param>
    /// <param name="gasUsed">Gas that the transaction used, with its intrinsic gas and after refunds.</param>
    /// <param name="status">How the outermost frame ended.</param>
    public static void WriteSummary(
        TextWriter output, ReadOnlySpan<byte> returned, ulong gasUsed, ExecutionStatus status)
    {
        var reason = status == ExecutionStatus.Success ? "" : $",\"error\":\"{status}\"";
        var hex = Hex.Encode(returned, prefix: false);
        output.WriteLine($"{{\"output\":\"{hex}\",\"gasUsed\":\"0x{gasUsed:x}\"{reason}}}");
    }

    private void Flush(long gasLeft, string? error)
    {
        if (_start is not null)
        {
            var reason = error is null ? "" : $",\"error\":\"{error}\"";
            output.WriteLine($"{_start}{_gas - gasLeft:x}{_end}{reason}}}");
            _start = null;
        }
    }
}
