using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>Bodies of instructions that look at accounts, and of SELFDESTRUCT.</summary>
internal static unsafe class AccountOps
{
    public static long Balance(Frame frame, UInt256* sp, long gas)
    {
        var account = frame.Machine.Access(Primitives.Address.FromUInt256(sp[0]), ref gas);
        if (gas >= 0)
        {
            *sp = frame.Machine.State.Balance(account);
        }

        return gas;
    }

    public static long SelfBalance(Frame frame, UInt256* sp, long gas)
    {
        sp[1] = frame.Machine.State.Balance(frame.Self);
        return gas;
    }

    public static long ExtCodeSize(Frame frame, UInt256* sp, long gas)
    {
        var account = frame.Machine.Access(Primitives.Address.FromUInt256(sp[0]), ref gas);
        if (gas >= 0)
        {
            var state = frame.Machine.State;
            Words.Set(sp, state.HasCode(account) ? (uint)state.Code(account).Length : 0);
        }

        return gas;
    }

    public static long ExtCodeCopy(Frame frame, UInt256* sp, long gas)
    {
        var account = frame.Machine.Access(Primitives.Address.FromUInt256(sp[0]), ref gas);
        return gas < 0 ? gas : MemoryOps.Copy(frame, sp - 1, frame.Machine.State.Code(account).Bytes, gas);
    }

    /// <summary>EIP-1052: zero for an account that does not exist or is empty (EIP-161).</summary>
    public static long ExtCodeHash(Frame frame, UInt256* sp, long gas)
    {
        var account = frame.Machine.Access(Primitives.Address.FromUInt256(sp[0]), ref gas);
        if (gas >= 0)
        {
            var state = frame.Machine.State;
            *sp = state.IsEmpty(account) ? UInt256.Zero : state.CodeHash(account).ToUInt256();
        }

        return gas;
    }

    /// <summary>
    /// Gives the balance to the beneficiary; the account goes at the end of the transaction, since EIP-6780 only if the
    /// transaction created it.
    /// </summary>
    public static long SelfDestruct(Frame frame, UInt256* sp, long gas)
    {
        if (frame.IsStatic)
        {
            return Fault.StaticViolation;
        }

        var machine = frame.Machine;
        var (state, spec) = (machine.State, machine.Spec);
        var beneficiary = machine.AccessBeneficiary(Primitives.Address.FromUInt256(sp[0]), ref gas);
        if (gas < 0)
        {
            return gas;
        }

        var balance = state.Balance(frame.Self);
        var isNew = spec.ClearsEmpty
            ? !balance.IsZero && state.IsEmpty(beneficiary)
            : spec.KeepsCallGas && !state.Exists(beneficiary);
        gas -= isNew ? EvmSpec.NewAccountGas : 0;
        if (gas < 0)
        {
            return Fault.OutOfGas;
        }

        machine.Transfer(frame.Self, beneficiary, balance);
        if (!spec.DestroysOnlyNew || state.IsCreated(frame.Self))
        {
            Destroy(frame, spec);
        }

        return gas;
    }

    private static void Destroy(Frame frame, EvmSpec spec)
    {
        var state = frame.Machine.State;
        if (!state.IsDestroyed(frame.Self))
        {
            state.SelfDestruct(frame.Self);
            if (spec.SelfDestructRefund != 0)
            {
                state.AddRefund(spec.SelfDestructRefund);
            }
        }

        // What the account gave to itself is lost with it.
        if (!state.Balance(frame.Self).IsZero)
        {
            state.SetBalance(frame.Self, UInt256.Zero);
        }
    }
}
