using Fragcast.Execution.Evm.Decoding;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Chooses what runs a frame until it exits. The choice is made anew when a frame is entered and when it is resumed
/// after a call, so that a frame may change tiers there: its <see cref="Frame.Pc"/> is then the start of a block.
/// </summary>
internal static class Tiers
{
    /// <summary>Runs a frame from where it is until it ends or enters another frame.</summary>
    public static FrameExit Run<TTracer>(Frame frame, ref TTracer tracer)
        where TTracer : struct, ITracer
    {
        if (TTracer.IsEnabled)
        {
            return Interpreter.Run(frame, ref tracer);
        }

        var machine = frame.Machine;
        if (machine.Tier == ExecutionTier.Decoded && frame.CodeEntry is { } code)
        {
            return DecodedTier.Run(frame, machine.Decoder.CodeOf(code, machine.Spec.Instructions));
        }

        return Interpreter.Run(frame, ref tracer);
    }
}
