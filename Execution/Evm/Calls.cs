using Fragcast.Execution.Precompiles;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>CALL, CALLCODE, DELEGATECALL and STATICCALL, and what a frame's end means for its caller.</summary>
internal static unsafe class Calls
{
    /// <summary>
    /// Executes a call or create instruction of a frame whose position, stack and gas are saved in it.
    /// </summary>
    /// <returns>
    /// Continue when the call was answered at once and the frame goes on with its saved stack and gas; Entered when the
    /// callee runs first; Ended when the frame failed.
    /// </returns>
    public static FrameExit Execute(Frame frame, Opcode opcode) => opcode switch
    {
        Opcode.Call => Call(frame, CallKind.Call, frame.Sp[-2]),
        Opcode.CallCode => Call(frame, CallKind.CallCode, frame.Sp[-2]),
        Opcode.DelegateCall => Call(frame, CallKind.DelegateCall, UInt256.Zero),
        Opcode.StaticCall => Call(frame, CallKind.StaticCall, UInt256.Zero),
        Opcode.Create => Creations.Create(frame, CallKind.Create),
        _ => Creations.Create(frame, CallKind.Create2),
    };

    /// <summary>Gives an ended frame's gas, output and result to the frame that waits for it.</summary>
    public static void Deliver(Frame ended, Frame caller)
    {
        var succeeded = ended.Status == ExecutionStatus.Success;
        caller.Gas += ended.Gas;
        if (ended.Kind is CallKind.Create or CallKind.Create2)
        {
            *caller.Sp = succeeded ? ended.SelfAddress.ToUInt256() : UInt256.Zero;
            SetReturnData(caller, ended.Output, ended.Status == ExecutionStatus.Revert ? ended.OutputLength : 0);
            return;
        }

        Words.Set(caller.Sp, succeeded ? 1UL : 0);
        SetReturnData(caller, ended.Output, ended.OutputLength);
        CopyReturnData(caller);
    }

    private static FrameExit Call(Frame frame, CallKind kind, in UInt256 value)
    {
        if (frame.IsStatic && kind == CallKind.Call && !value.IsZero)
        {
            return frame.Fail(ExecutionStatus.StaticViolation);
        }

        // From here: input offset and length, output offset and length, growing downwards; the last takes the result.
        var sp = frame.Sp;
        var ranges = sp - (kind is CallKind.Call or CallKind.CallCode ? 3 : 2);
        var address = Address.FromUInt256(sp[-1]);
        if (!TryCharge(frame, ranges, kind, address, value, out var account, out var code, out var calleeGas))
        {
            return frame.Fail(ExecutionStatus.OutOfGas);
        }

        var machine = frame.Machine;
        frame.Sp = ranges - 3;
        frame.OutOffset = ranges[-2].U0;
        frame.OutLength = (int)ranges[-3].U0;
        frame.ReturnDataLength = 0;
        var input = frame.MemorySpan(ranges[0], ranges[-1]);
        if (frame.Depth >= EvmMachine.DepthMax || (!value.IsZero && value > machine.State.Balance(frame.Self)))
        {
            frame.Gas += calleeGas;
            *frame.Sp = UInt256.Zero;
            return FrameExit.Continue;
        }

        var checkpoint = machine.State.Checkpoint();
        if (kind is CallKind.Call or CallKind.StaticCall)
        {
            machine.Transfer(frame.Self, account, value);
        }

        if (machine.Spec.Precompiles.TryGet(address, out var precompile))
        {
            return CallPrecompile(frame, precompile, input, calleeGas, checkpoint);
        }

        if (code.Length == 0)
        {
            frame.Gas += calleeGas;
            Words.Set(frame.Sp, 1);
            return FrameExit.Continue;
        }

        var callee = Enter(frame, kind, address, account, value);
        callee.SetCode(code);
        callee.SetInput(input);
        callee.Gas = calleeGas;
        callee.Checkpoint = checkpoint;
        return FrameExit.Entered;
    }

    // Charges the frame for memory, access, value and the callee's gas; false when its gas does not suffice.
    private static bool TryCharge(
        Frame frame,
        UInt256* ranges,
        CallKind kind,
        in Address address,
        in UInt256 value,
        out int account,
        out CodeEntry code,
        out long calleeGas)
    {
        var machine = frame.Machine;
        (account, code, calleeGas) = (-1, CodeEntry.Empty, 0);
        var gas = frame.EnsureMemory(ranges[0], ranges[-1], frame.Gas);
        gas = gas < 0 ? gas : frame.EnsureMemory(ranges[-2], ranges[-3], gas);
        if (gas < 0)
        {
            return false;
        }

        account = machine.Access(address, ref gas);
        code = gas < 0 ? code : Resolve(machine, account, ref gas);
        if (gas < 0)
        {
            return false;
        }

        gas -= value.IsZero ? 0 : EvmSpec.ValueTransferGas;
        gas -= CreatesAccount(machine, kind, account, value) ? EvmSpec.NewAccountGas : 0;
        if (gas < 0 || !SplitGas(machine.Spec, frame.Sp[0], ref gas, out calleeGas))
        {
            return false;
        }

        calleeGas += value.IsZero ? 0 : EvmSpec.CallStipend;
        frame.Gas = gas;
        return true;
    }

    // The code to run: the account's own, or that of the account it delegates to (EIP-7702).
    private static CodeEntry Resolve(EvmMachine machine, int account, ref long gas)
    {
        var state = machine.State;
        if (!state.HasCode(account))
        {
            return CodeEntry.Empty;
        }

        var code = state.Code(account);
        if (!machine.Spec.FollowsDelegations || code.DelegationTarget is not { } target)
        {
            return code;
        }

        var delegated = machine.AccessDelegate(target, ref gas);
        return gas < 0 ? code : state.Code(delegated);
    }

    private static bool CreatesAccount(EvmMachine machine, CallKind kind, int account, in UInt256 value) =>
        kind == CallKind.Call
        && (machine.Spec.ClearsEmpty
            ? !value.IsZero && machine.State.IsEmpty(account)
            : !machine.State.Exists(account));

    // EIP-150: the callee gets what is asked for, but a 64th stays. Before, asking for too much failed.
    private static bool SplitGas(EvmSpec spec, in UInt256 requested, ref long gas, out long calleeGas)
    {
        var available = spec.KeepsCallGas ? gas - (gas / 64) : gas;
        var isLess = requested.FitsUInt64 && requested.U0 <= (ulong)available;
        calleeGas = isLess ? (long)requested.U0 : available;
        gas -= calleeGas;
        return isLess || spec.KeepsCallGas;
    }

    private static FrameExit CallPrecompile(
        Frame frame, Precompile precompile, ReadOnlySpan<byte> input, long calleeGas, int checkpoint)
    {
        var output = frame.Machine.PrecompileOutput;
        var left = precompile.Execute(input, calleeGas, output);
        if (left < 0)
        {
            frame.Machine.State.RevertTo(checkpoint);
            *frame.Sp = UInt256.Zero;
            return FrameExit.Continue;
        }

        frame.Gas += left;
        Words.Set(frame.Sp, 1);
        SetReturnData(frame, output.Start, output.Length);
        CopyReturnData(frame);
        return FrameExit.Continue;
    }

    private static Frame Enter(Frame caller, CallKind kind, in Address address, int account, in UInt256 value)
    {
        var machine = caller.Machine;
        var callee = machine.FrameAt(caller.Depth + 1);
        callee.Start(caller.Sp);
        callee.Kind = kind;
        callee.IsStatic = caller.IsStatic || kind == CallKind.StaticCall;
        var isForeign = kind is CallKind.Call or CallKind.StaticCall;
        callee.Self = isForeign ? account : caller.Self;
        callee.SelfAddress = isForeign ? address : caller.SelfAddress;
        callee.Caller = kind == CallKind.DelegateCall ? caller.Caller : caller.SelfAddress;
        callee.Value = kind == CallKind.DelegateCall ? caller.Value : value;
        machine.Current = callee;
        return callee;
    }

    private static void SetReturnData(Frame frame, byte* data, int length)
    {
        frame.ReturnData = data;
        frame.ReturnDataLength = length;
    }

    private static void CopyReturnData(Frame frame)
    {
        var length = Math.Min(frame.OutLength, frame.ReturnDataLength);
        if (length > 0)
        {
            new ReadOnlySpan<byte>(frame.ReturnData, length).CopyTo(
                new Span<byte>(frame.Memory + frame.OutOffset, length));
        }
    }
}
