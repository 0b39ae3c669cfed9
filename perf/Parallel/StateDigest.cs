using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Perf.Parallel;

/// <summary>A hash over what a block changed, whatever the order in which it was written.</summary>
internal static class StateDigest
{
    public static Hash256 Of(JournaledState state)
    {
        List<Hash256> parts = [];
        foreach (ref readonly AccountChange change in state.ChangedAccounts)
        {
            int account = change.Account;
            bool isSame = change.Existed == state.Exists(account)
                && change.Nonce == state.Nonce(account)
                && change.Balance == state.Balance(account)
                && change.CodeHash == state.CodeHash(account);
            if (isSame) continue;
            parts.Add(HashOf(
                state.AddressOf(account), state.Balance(account), state.Nonce(account), state.CodeHash(account)));
        }

        foreach (ref readonly SlotChange change in state.ChangedSlots)
        {
            ref readonly UInt256 value = ref state.Current(change.Slot);
            if (value == change.Value) continue;
            Address address = state.AddressOf(state.AccountOfSlot(change.Slot));
            parts.Add(HashOf(address, state.KeyOfSlot(change.Slot), 0, Hash256.FromUInt256(value)));
        }

        parts.Sort((one, other) => one.Bytes.SequenceCompareTo(other.Bytes));
        var all = new byte[parts.Count * Hash256.Size];
        for (int i = 0; i < parts.Count; i++) parts[i].Bytes.CopyTo(all.AsSpan(i * Hash256.Size));
        return Keccak256.Hash(all);
    }

    private static Hash256 HashOf(in Address address, in UInt256 number, ulong nonce, in Hash256 hash)
    {
        var writer = new RlpWriter(stackalloc byte[128]);
        writer.Write(address);
        writer.Write(number);
        writer.Write(nonce);
        writer.Write(hash);
        Hash256 digest = Keccak256.Hash(writer.Written);
        writer.Dispose();
        return digest;
    }
}
