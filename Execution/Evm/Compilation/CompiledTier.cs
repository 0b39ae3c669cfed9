using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// Runs compiled regions. By itself it compiles each region when control first comes to it, so that everything but what
/// a region leaves to the interpreter runs compiled; for the decoded tier it has hot regions compiled in the background
/// and runs those that are ready.
/// </summary>
internal static unsafe class CompiledTier
{
    /// <summary>Whether this process can compile.</summary>
    public static bool IsSupported => RuntimeFeature.IsDynamicCodeSupported;

    /// <summary>Runs a frame, whose position is the start of a block, until it ends or enters another one.</summary>
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Called where IsSupported only.")]
    public static FrameExit Run(Frame frame, CodeEntry code)
    {
        var compiled = code.CompiledFor(frame.Machine.Spec.Instructions);
        while (true)
        {
            var block = compiled.Map.IndexAt((int)(frame.Pc - frame.Code));
            var exit = block < 0
                ? RegionExit.Interpret
                : compiled.Compile(block, RegionCache.Shared)(frame, frame.Sp, frame.Gas);
            switch (exit)
            {
                case RegionExit.Continue: break;
                case RegionExit.Entered: return FrameExit.Entered;
                case RegionExit.Ended: return FrameExit.Ended;
                default:
                    var none = default(NoTracer);
                    frame.JumpsLeft = long.MaxValue;
                    return Interpreter.Run(frame, ref none);
            }
        }
    }

    /// <summary>
    /// Says that control came to an offset of a frame's code often. If the region there is not compiled, asks for it.
    /// </summary>
    /// <returns>Whether <see cref="RunReady"/> can run it.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Compiles where IsSupported only.")]
    public static bool IsReady(Frame frame, int pc)
    {
        if (frame.Machine.Tier != ExecutionTier.Auto || !IsSupported || frame.CodeEntry is not { } code)
        {
            return false;
        }

        var compiled = code.CompiledFor(frame.Machine.Spec.Instructions);
        var block = compiled.Map.IndexAt(pc);
        if (block < 0)
        {
            return false;
        }

        if (compiled.RegionAt(block) is not null)
        {
            return true;
        }

        if (compiled.TryClaim(block) && !BackgroundCompiler.Shared.TryRequest(compiled, block))
        {
            compiled.Disclaim(block);
        }

        return false;
    }

    /// <summary>Runs regions that are compiled, from a frame's saved position on.</summary>
    /// <returns>How the last one ended; Continue where there is none, which may be at once.</returns>
    public static RegionExit RunReady(Frame frame)
    {
        var compiled = frame.CodeEntry!.CompiledFor(frame.Machine.Spec.Instructions);
        while (true)
        {
            var block = compiled.Map.IndexAt((int)(frame.Pc - frame.Code));
            if (block < 0 || compiled.Enter(block) is not { } region)
            {
                return RegionExit.Continue;
            }

            var exit = region(frame, frame.Sp, frame.Gas);
            if (exit != RegionExit.Continue)
            {
                return exit;
            }
        }
    }
}
