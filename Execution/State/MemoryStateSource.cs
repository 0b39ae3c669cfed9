using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>
/// A complete state held in dictionaries: the backing of tests, state fixtures and small genesis files. Whatever was
/// not set does not exist. Not thread-safe.
/// </summary>
public sealed class MemoryStateSource : IStateSource
{
    // Tells "has storage" from "has none" without a trie; no trie hashes to it.
    private static readonly Hash256 SomeStorage = Hash256.FromUInt256(UInt256.One);

    private readonly Dictionary<Address, AccountData> _accounts = [];
    private readonly Dictionary<(Address Account, UInt256 Key), UInt256> _storage = [];
    private readonly Dictionary<Hash256, byte[]> _codes = [];

    /// <summary>Addresses of all accounts, in no particular order.</summary>
    public IReadOnlyCollection<Address> Accounts => _accounts.Keys;

    /// <summary>All slots that are not zero, in no particular order.</summary>
    public IReadOnlyDictionary<(Address Account, UInt256 Key), UInt256> Storage => _storage;

    /// <summary>Sets an account's balance, nonce and code; storage set before stays.</summary>
    public void SetAccount(in Address address, in UInt256 balance, ulong nonce = 0, ReadOnlySpan<byte> code = default)
    {
        var codeHash = Keccak256.EmptyString;
        if (!code.IsEmpty)
        {
            codeHash = Keccak256.Hash(code);
            _codes[codeHash] = code.ToArray();
        }

        Set(address, balance, nonce, codeHash);
    }

    /// <summary>Sets a slot of an account that was set before; zero removes it.</summary>
    public void SetStorage(in Address address, in UInt256 key, in UInt256 value)
    {
        if (value.IsZero)
        {
            _storage.Remove((address, key));
            return;
        }

        _storage[(address, key)] = value;
        var account = _accounts[address];
        account.StorageRoot = SomeStorage;
        _accounts[address] = account;
    }

    /// <summary>
    /// Takes over what the block under way changed in a state, so that this stays the whole of it. Called when the
    /// block is final, before <see cref="JournaledState.CommitBlock"/>.
    /// </summary>
    /// <param name="state">The state, between transactions.</param>
    /// <param name="fork">The rules of the block.</param>
    public void Apply(JournaledState state, Fork fork)
    {
        // From Cancun on no account that has storage from before its transaction can go (EIP-6780).
        if (fork < Fork.Cancun) RemoveLostStorage(state);
        foreach (ref readonly AccountChange change in state.ChangedAccounts)
        {
            int account = change.Account;
            ref readonly Address address = ref state.AddressOf(account);
            if (!state.Exists(account))
            {
                _accounts.Remove(address);
                continue;
            }

            Hash256 codeHash = state.CodeHash(account);
            if (state.HasCode(account) && !_codes.ContainsKey(codeHash))
                _codes.Add(codeHash, state.Code(account).Bytes.ToArray());
            Set(address, state.Balance(account), state.Nonce(account), codeHash);
        }

        foreach (ref readonly SlotChange change in state.ChangedSlots)
        {
            int account = state.AccountOfSlot(change.Slot);
            if (state.Exists(account))
                SetStorage(state.AddressOf(account), state.KeyOfSlot(change.Slot), state.Current(change.Slot));
        }
    }

    /// <summary>Looks through all slots, if any account that had some may have lost them.</summary>
    private void RemoveLostStorage(JournaledState state)
    {
        var suspects = new Dictionary<Address, int>();
        foreach (ref readonly AccountChange change in state.ChangedAccounts)
        {
            if (change.Existed && state.IsSourceStorageGone(change.Account))
                suspects.Add(state.AddressOf(change.Account), change.Account);
        }

        if (suspects.Count == 0) return;
        foreach ((Address Account, UInt256 Key) slot in _storage.Keys)
        {
            // The state knows all that is left of such an account's storage. Removing does not disturb the loop.
            if (suspects.TryGetValue(slot.Account, out int account)
                && (!state.Exists(account) || state.Current(state.Slot(account, slot.Key)).IsZero))
            {
                _storage.Remove(slot);
            }
        }
    }

    private void Set(in Address address, in UInt256 balance, ulong nonce, in Hash256 codeHash)
    {
        var root = _accounts.TryGetValue(address, out var old) ? old.StorageRoot : AccountData.EmptyStorageRoot;
        _accounts[address] = new AccountData
        {
            Balance = balance,
            Nonce = nonce,
            CodeHash = codeHash,
            StorageRoot = root,
        };
    }

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out AccountData account) =>
        _accounts.TryGetValue(address, out account);

    /// <inheritdoc/>
    public UInt256 GetStorage(in Address address, in UInt256 key) =>
        _storage.TryGetValue((address, key), out var value) ? value : UInt256.Zero;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) =>
        _codes.TryGetValue(codeHash, out var code)
            ? code
            : throw new StateUnavailableException("the code", codeHash);
}
