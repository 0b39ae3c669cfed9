using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>CREATE, CREATE2, and the start and end of the frames that run init code.</summary>
internal static unsafe class Creations
{
    /// <summary>Executes CREATE or CREATE2; results as for <see cref="Calls.Execute"/>.</summary>
    public static FrameExit Create(Frame frame, CallKind kind)
    {
        var sp = frame.Sp;
        var gas = frame.Gas;
        var machine = frame.Machine;
        var (state, spec) = (machine.State, machine.Spec);
        if (frame.IsStatic)
        {
            return frame.Fail(ExecutionStatus.StaticViolation);
        }

        ref readonly var length = ref sp[-2];
        gas = frame.EnsureMemory(sp[-1], length, gas);
        if (gas < 0 || length.U0 > (ulong)spec.MaxInitCodeSize)
        {
            return frame.Fail(ExecutionStatus.OutOfGas);
        }

        var wordGas = spec.InitCodeWordGas + (kind == CallKind.Create2 ? EvmSpec.KeccakWordGas : 0);
        gas = MemoryOps.ChargeWords(length, wordGas, gas);
        if (gas < 0)
        {
            return frame.Fail(ExecutionStatus.OutOfGas);
        }

        var value = sp[0];
        var initCode = frame.MemorySpan(sp[-1], length);
        frame.Sp = sp - (kind == CallKind.Create2 ? 3 : 2);
        frame.Gas = gas;
        frame.ReturnDataLength = 0;
        var nonce = state.Nonce(frame.Self);
        bool isUnfunded = !value.IsZero && value > state.Balance(frame.Self);
        if (frame.Depth >= EvmMachine.DepthMax || isUnfunded || nonce == ulong.MaxValue)
        {
            *frame.Sp = UInt256.Zero;
            return FrameExit.Continue;
        }

        state.SetNonce(frame.Self, nonce + 1);
        var address = kind == CallKind.Create2
            ? ContractAddress.FromSalt(frame.SelfAddress, sp[-3], initCode)
            : ContractAddress.FromNonce(frame.SelfAddress, nonce);
        return Start(frame, kind, address, value, initCode);
    }

    /// <summary>
    /// Makes the frame, whose account, value and gas are set, create its account and run <paramref name="initCode"/>.
    /// </summary>
    /// <returns>Entered, or Ended when the address is in use (EIP-684, EIP-7610).</returns>
    public static FrameExit Enter(Frame frame, int creator, ReadOnlySpan<byte> initCode)
    {
        var machine = frame.Machine;
        var state = machine.State;
        frame.Checkpoint = state.Checkpoint();
        if (state.Nonce(frame.Self) != 0 || state.HasCode(frame.Self) || state.HasStorage(frame.Self))
        {
            return frame.Fail(ExecutionStatus.CreateCollision);
        }

        state.CreateContract(frame.Self);
        if (machine.Spec.ClearsEmpty)
        {
            state.SetNonce(frame.Self, 1);
        }

        machine.Transfer(creator, frame.Self, frame.Value);
        frame.SetInitCode(initCode);
        return FrameExit.Entered;
    }

    /// <summary>Stores the code that an ended create frame returned, or fails the frame if it may not.</summary>
    public static void Finish(Frame frame)
    {
        if (frame.Kind is not (CallKind.Create or CallKind.Create2) || frame.Status != ExecutionStatus.Success)
        {
            return;
        }

        var spec = frame.Machine.Spec;
        var length = frame.OutputLength;
        if (length > spec.MaxCodeSize)
        {
            frame.Fail(ExecutionStatus.CodeTooLarge);
            return;
        }

        if (length > 0 && frame.Output[0] == 0xEF && spec.RefusesCodeOfEf)
        {
            frame.Fail(ExecutionStatus.InvalidCode);
            return;
        }

        var cost = EvmSpec.CodeDepositGas * length;
        if (frame.Gas >= cost)
        {
            frame.Gas -= cost;
            frame.Machine.State.SetCode(frame.Self, new ReadOnlySpan<byte>(frame.Output, length));
        }
        else if (spec.PaysDepositOrFails)
        {
            frame.Fail(ExecutionStatus.OutOfGas);
        }
        else
        {
            frame.OutputLength = 0;
        }
    }

    private static FrameExit Start(
        Frame frame, CallKind kind, in Address address, in UInt256 value, ReadOnlySpan<byte> initCode)
    {
        var machine = frame.Machine;
        var account = machine.State.Account(address);
        if (machine.Spec.HasAccessLists)
        {
            // The address stays warm whatever becomes of the creation (EIP-2929).
            machine.State.WarmAccount(account);
        }

        var kept = machine.Spec.KeepsCallGas ? frame.Gas / 64 : 0;
        var created = machine.FrameAt(frame.Depth + 1);
        created.Start(frame.Sp);
        created.Kind = kind;
        created.IsStatic = false;
        created.Self = account;
        created.SelfAddress = address;
        created.Caller = frame.SelfAddress;
        created.Value = value;
        created.Gas = frame.Gas - kept;
        created.InputLength = 0;
        frame.Gas = kept;
        if (Enter(created, frame.Self, initCode) == FrameExit.Entered)
        {
            machine.Current = created;
            return FrameExit.Entered;
        }

        Calls.Deliver(created, frame);
        return FrameExit.Continue;
    }
}
