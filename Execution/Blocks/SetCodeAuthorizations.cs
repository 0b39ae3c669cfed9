using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>Sets the delegations that a transaction's authorizations state (EIP-7702).</summary>
internal static class SetCodeAuthorizations
{
    private static ReadOnlySpan<byte> DesignatorPrefix => [0xef, 0x01, 0x00];

    /// <summary>
    /// Applies the authorizations in order; one that does not hold is passed over. Whatever the transaction does
    /// later, they stay, as does the refund for accounts that exist.
    /// </summary>
    public static void Apply(Transaction transaction, BlockContext block, JournaledState state)
    {
        foreach (ref readonly Authorization authorization in transaction.Authorizations.AsSpan())
            Apply(authorization, block, state);
    }

    private static void Apply(in Authorization authorization, BlockContext block, JournaledState state)
    {
        if (!authorization.ChainId.IsZero && authorization.ChainId != block.ChainId) return;
        if (authorization.Nonce == ulong.MaxValue) return;
        if (!authorization.TryRecoverAuthority(out Address address)) return;

        int authority = state.Account(address);
        state.WarmAccount(authority);
        if (state.HasCode(authority) && state.Code(authority).DelegationTarget is null) return;
        if (state.Nonce(authority) != authorization.Nonce) return;
        if (state.Exists(authority)) state.AddRefund(IntrinsicGas.AuthorizationRefund);
        SetDelegation(state, authority, authorization.Address);
        state.SetNonce(authority, authorization.Nonce + 1);
    }

    private static void SetDelegation(JournaledState state, int authority, in Address target)
    {
        if (target.IsZero)
        {
            state.SetCode(authority, default);
            return;
        }

        Span<byte> designator = stackalloc byte[CodeEntry.DelegationLength];
        DesignatorPrefix.CopyTo(designator);
        target.CopyTo(designator[DesignatorPrefix.Length..]);
        state.SetCode(authority, designator);
    }
}
