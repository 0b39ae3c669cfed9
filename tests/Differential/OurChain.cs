using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Differential;

/// <summary>Our side: the executor on a state that begins as anvil's.</summary>
internal sealed class OurChain
{
    private readonly StateTrie _trie = new();

    public OurChain(Setup setup, JsonElement accounts)
    {
        State = new JournaledState(_trie);
        Load(State, accounts);
        _trie.Update(State);
        State.CommitBlock();
        _trie.CommitBlock();
        Executor = new BlockExecutor(setup.Chain, State, _trie);
    }

    public JournaledState State { get; }

    public BlockExecutor Executor { get; }

    public ulong NonceOf(Address address) => State.Nonce(State.Account(address));

    /// <summary>Opens the block that anvil made, under the same environment.</summary>
    public void Begin(BlockHeader header) => Executor.BeginUnchecked(
        new BlockEnvironment
        {
            Number = header.Number,
            ParentHash = header.ParentHash,
            Timestamp = header.Timestamp,
            Beneficiary = header.Beneficiary,
            GasLimit = header.GasLimit,
            BaseFee = header.BaseFeePerGas,
            PrevRandao = header.MixHash,
            ExtraData = header.ExtraData,
            ParentBeaconBlockRoot = header.ParentBeaconBlockRoot,
            Withdrawals = [],
        },
        header.ExcessBlobGas ?? 0);

    /// <summary>The root of a state that holds anvil's accounts, as far as they are not empty.</summary>
    public static Hash256 RootOf(JsonElement accounts)
    {
        var trie = new StateTrie();
        var state = new JournaledState(trie);
        Load(state, accounts);
        return trie.Update(state);
    }

    /// <summary>What differs from anvil's accounts, a line each.</summary>
    public IEnumerable<string> Differences(JsonElement accounts)
    {
        foreach (JsonProperty entry in accounts.EnumerateObject())
        {
            int account = State.Account(Address.Parse(entry.Name));
            UInt256 balance = entry.Value.Number("balance");
            ulong nonce = entry.Value.GetProperty("nonce").GetUInt64();
            byte[] code = entry.Value.Bytes("code");
            if (State.Balance(account) != balance)
                yield return Line(entry.Name, "balance", State.Balance(account), balance);
            if (State.Nonce(account) != nonce) yield return Line(entry.Name, "nonce", State.Nonce(account), nonce);
            if (State.CodeHash(account) != Keccak256.Hash(code))
                yield return $"{entry.Name}: our code hash {State.CodeHash(account)}, anvil's code {Hex.Encode(code)}";
            foreach (JsonProperty slot in entry.Value.GetProperty("storage").EnumerateObject())
            {
                UInt256 ours = State.Current(State.Slot(account, UInt256.Parse(slot.Name)));
                UInt256 theirs = UInt256.Parse(slot.Value.GetString());
                if (ours != theirs) yield return Line(entry.Name, $"slot {slot.Name}", ours, theirs);
            }
        }
    }

    private static string Line(string account, string what, in UInt256 ours, in UInt256 theirs) =>
        $"{account}: {what} ours {ours}, anvil's {theirs}";

    private static void Load(JournaledState state, JsonElement accounts)
    {
        state.BeginTransaction();
        foreach (JsonProperty entry in accounts.EnumerateObject())
        {
            JsonElement fields = entry.Value;
            int account = state.Account(Address.Parse(entry.Name));
            state.SetBalance(account, fields.Number("balance"));
            if (fields.GetProperty("nonce").GetUInt64() is > 0 and var nonce) state.SetNonce(account, nonce);
            if (fields.Bytes("code") is { Length: > 0 } code) state.SetCode(account, code);
            foreach (JsonProperty slot in fields.GetProperty("storage").EnumerateObject())
                state.SetSlot(state.Slot(account, UInt256.Parse(slot.Name)), UInt256.Parse(slot.Value.GetString()));
        }

        state.EndTransaction();
    }
}
