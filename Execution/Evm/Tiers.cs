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

        // The one place to choose: frame.Machine.Tier, frame.CodeEntry (null for init code).
        return Interpreter.Run(frame, ref tracer);
    }
}
