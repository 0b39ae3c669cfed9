using Fragcast.Execution.Precompiles;

namespace Fragcast.Execution.Evm;

/// <summary>Starts the outermost frame.</summary>
internal static class Entry
{
    /// <summary>
    /// Sets the frame up and does what precedes its first instruction.
    /// </summary>
    /// <returns>Entered, or Ended when there is nothing to run: the frame then holds the result.</returns>
    public static FrameExit Start(Frame frame, in Message message)
    {
        var state = frame.Machine.State;
        var caller = state.Account(message.Caller);
        frame.Kind = message.Kind;
        frame.Caller = message.Caller;
        frame.Value = message.Value;
        frame.Gas = message.Gas;
        frame.SelfAddress = message.Recipient;
        frame.Self = state.Account(message.Recipient);
        if (!message.Value.IsZero && state.Balance(caller) < message.Value)
        {
            frame.Status = ExecutionStatus.InsufficientBalance;
            return FrameExit.Ended;
        }

        return message.Kind == CallKind.Create
            ? StartCreate(frame, caller, message.Input)
            : StartCall(frame, caller, message.Input);
    }

    private static FrameExit StartCreate(Frame frame, int caller, ReadOnlySpan<byte> initCode)
    {
        frame.InputLength = 0;
        if (frame.Machine.Spec.HasAccessLists)
        {
            frame.Machine.State.WarmAccount(frame.Self);
        }

        return Creations.Enter(frame, caller, initCode);
    }

    private static FrameExit StartCall(Frame frame, int caller, ReadOnlySpan<byte> input)
    {
        var machine = frame.Machine;
        var state = machine.State;
        frame.Checkpoint = state.Checkpoint();
        machine.Transfer(caller, frame.Self, frame.Value);
        if (machine.Spec.Precompiles.TryGet(frame.SelfAddress, out var precompile))
        {
            return StartPrecompile(frame, precompile, input);
        }

        if (!state.HasCode(frame.Self))
        {
            return FrameExit.Ended;
        }

        var code = state.Code(frame.Self);
        if (machine.Spec.FollowsDelegations && code.DelegationTarget is { } target)
        {
            var account = state.Account(target);
            state.WarmAccount(account);
            code = state.Code(account);
        }

        frame.SetCode(code);
        return FrameExit.Entered;
    }

    private static unsafe FrameExit StartPrecompile(
        Frame frame, Precompile precompile, ReadOnlySpan<byte> input)
    {
        var output = frame.Machine.PrecompileOutput;
        var gas = precompile.Execute(input, frame.Gas, output);
        if (gas < 0)
        {
            frame.Machine.State.RevertTo(frame.Checkpoint);
            return frame.Fail(Fault.StatusOf(gas));
        }

        frame.Gas = gas;
        frame.Output = output.Start;
        frame.OutputLength = output.Length;
        return FrameExit.Ended;
    }
}
