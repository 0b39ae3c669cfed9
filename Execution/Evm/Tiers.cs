using Fragcast.Execution.Evm.Compilation;
using Fragcast.Execution.Evm.Decoding;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Chooses what runs a frame until it exits. The choice is made anew when a frame is entered, when it is resumed after
/// a call and when the interpreter pauses, so that a frame may change tiers there: its <see cref="Frame.Pc"/> is then
/// the start of a block.
/// </summary>
internal static class Tiers
{
    /// <summary>
    /// Jumps that the interpreter makes in a code of so many bytes before <see cref="ExecutionTier.Auto"/> decodes it.
    /// Decoding costs about what the interpreter takes for so many jumps (15 ns a byte, 20 ns a jump), so that no code
    /// costs much more than in the better of the two tiers, and most code that runs once is never decoded.
    /// </summary>
    public static long JumpsBeforeDecoding(int codeLength) => 64 + codeLength;

    /// <summary>Runs a frame from where it is until it ends, enters another frame, or pauses.</summary>
    public static FrameExit Run<TTracer>(Frame frame, ref TTracer tracer)
        where TTracer : struct, ITracer
    {
        var machine = frame.Machine;
        if (TTracer.IsEnabled || machine.Tier == ExecutionTier.Interpreter || frame.CodeEntry is not { } code)
        {
            frame.JumpsLeft = long.MaxValue;
            return Interpreter.Run(frame, ref tracer);
        }

        if (machine.Tier == ExecutionTier.Compiled && CompiledTier.IsSupported)
        {
            return CompiledTier.Run(frame, code);
        }

        if (code.JumpsLeft < 0 || machine.Tier != ExecutionTier.Auto)
        {
            if (machine.Decoder.CodeOf(code, machine.Spec.Instructions) is { } decoded)
            {
                return DecodedTier.Run(frame, decoded);
            }

            frame.JumpsLeft = long.MaxValue;
            return Interpreter.Run(frame, ref tracer);
        }

        frame.JumpsLeft = code.JumpsLeft;
        var exit = Interpreter.Run(frame, ref tracer);
        code.JumpsLeft = frame.JumpsLeft;
        return exit;
    }
}
