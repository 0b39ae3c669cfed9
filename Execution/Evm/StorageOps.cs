using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>How SSTORE is priced (EIP-1283, EIP-2200, EIP-2929, EIP-3529, or the first rule).</summary>
/// <param name="IsNet">Whether the value at the start of the transaction counts.</param>
/// <param name="Sentry">Gas that must be left for SSTORE to run at all must exceed this.</param>
/// <param name="Touched">Price when the value stays, or was changed in this transaction before.</param>
/// <param name="Set">Price of the first change of a slot from zero.</param>
/// <param name="Reset">Price of the first change of another slot.</param>
/// <param name="ClearRefund">Refund for a slot set to zero.</param>
/// <param name="Cold">Added at the transaction's first access to the slot.</param>
internal readonly record struct StorePrice(
    bool IsNet, long Sentry, long Touched, long Set, long Reset, long ClearRefund, long Cold);

/// <summary>Bodies of instructions on storage.</summary>
internal static unsafe class StorageOps
{
    public static long SLoad(Frame frame, UInt256* sp, long gas)
    {
        var state = frame.Machine.State;
        var cold = frame.Machine.Spec.ColdSlotSurcharge;

        // Without gas for a cold slot, a slot that is not known to be warm is not asked for.
        if (gas < cold && !state.IsSlotWarm(frame.Self, *sp))
        {
            return Fault.OutOfGas;
        }

        var slot = state.Slot(frame.Self, *sp);
        gas -= cold != 0 && state.WarmSlot(slot) ? cold : 0;
        *sp = state.Current(slot);
        return gas;
    }

    public static long SStore(Frame frame, UInt256* sp, long gas) => SStore(frame, sp[0], sp[-1], gas);

    /// <summary>SSTORE with its operands anywhere.</summary>
    public static long SStore(Frame frame, in UInt256 key, in UInt256 value, long gas)
    {
        if (frame.IsStatic)
        {
            return Fault.StaticViolation;
        }

        var state = frame.Machine.State;
        ref readonly var price = ref frame.Machine.Spec.Store;
        if (gas <= price.Sentry && price.Sentry != 0)
        {
            return Fault.OutOfGas;
        }

        if (gas < price.Cold && !state.IsSlotWarm(frame.Self, key))
        {
            return Fault.OutOfGas;
        }

        var slot = state.Slot(frame.Self, key);
        gas -= price.Cold != 0 && state.WarmSlot(slot) ? price.Cold : 0;
        var (cost, refund) = price.IsNet
            ? NetPrice(price, state.Original(slot), state.Current(slot), value)
            : FirstPrice(price, state.Current(slot), value);
        gas -= cost;
        if (gas < 0)
        {
            return Fault.OutOfGas;
        }

        if (refund != 0)
        {
            state.AddRefund(refund);
        }

        if (state.Current(slot) != value)
        {
            state.SetSlot(slot, value);
        }

        return gas;
    }

    /// <summary>EIP-1153.</summary>
    public static long TLoad(Frame frame, UInt256* sp, long gas)
    {
        *sp = frame.Machine.State.GetTransient(frame.Self, *sp);
        return gas;
    }

    /// <summary>EIP-1153.</summary>
    public static long TStore(Frame frame, UInt256* sp, long gas)
    {
        if (frame.IsStatic)
        {
            return Fault.StaticViolation;
        }

        frame.Machine.State.SetTransient(frame.Self, sp[0], sp[-1]);
        return gas;
    }

    private static (long Cost, long Refund) FirstPrice(in StorePrice price, in UInt256 current, in UInt256 value) =>
        (current.IsZero, value.IsZero) switch
        {
            (true, false) => (price.Set, 0),
            (false, true) => (price.Reset, price.ClearRefund),
            _ => (price.Reset, 0),
        };

    private static (long Cost, long Refund) NetPrice(
        in StorePrice price, in UInt256 original, in UInt256 current, in UInt256 value)
    {
        if (current == value)
        {
            return (price.Touched, 0);
        }

        if (original == current)
        {
            return original.IsZero ? (price.Set, 0) : (price.Reset, value.IsZero ? price.ClearRefund : 0);
        }

        var refund = 0L;
        if (!original.IsZero)
        {
            refund -= current.IsZero ? price.ClearRefund : 0;
            refund += value.IsZero ? price.ClearRefund : 0;
        }

        if (original == value)
        {
            refund += (original.IsZero ? price.Set : price.Reset) - price.Touched;
        }

        return (price.Touched, refund);
    }
}
