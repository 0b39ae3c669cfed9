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

        var root = _accounts.TryGetValue(address, out var old) ? old.StorageRoot : AccountData.EmptyStorageRoot;
        _accounts[address] = new AccountData
        {
            Balance = balance,
            Nonce = nonce,
            CodeHash = codeHash,
            StorageRoot = root,
        };
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
