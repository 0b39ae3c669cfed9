using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// Accounts as the public test suites and geth's genesis files write them: address to balance, nonce, code, storage.
/// </summary>
internal static class PreState
{
    /// <summary>Writes the accounts into an empty state, as one transaction.</summary>
    public static void Load(JsonField json, JournaledState state)
    {
        state.BeginTransaction();
        foreach ((string name, JsonField fields) in json.Fields())
        {
            if (!Address.TryParse(name, out Address address))
                throw fields.Wrong("stands under a key that is no address");
            int account = state.Account(address);
            state.SetBalance(account, fields.Optional("balance")?.AsUInt256() ?? UInt256.Zero);
            if (fields.Optional("nonce")?.AsUInt64() is { } nonce and > 0) state.SetNonce(account, nonce);
            if (fields.Optional("code")?.AsBytes() is { Length: > 0 } code) state.SetCode(account, code);
            if (fields.Optional("storage") is not { } storage) continue;
            foreach ((string key, JsonField value) in storage.Fields())
            {
                if (!UInt256.TryParse(key, out UInt256 slot)) throw value.Wrong("stands under a key that is no number");
                state.SetSlot(state.Slot(account, slot), value.AsUInt256());
            }
        }

        // Suites have empty accounts on purpose.
        state.EndTransaction(deleteEmpty: false);
    }
}
