using System.Security.Cryptography;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>
/// A complete state in open-addressed tables: 64 bytes an account and 72 a slot, and 11 to 22 for the index of each.
/// For genesis files and snapshots of many accounts: filled once, then read. Whatever was not added does not exist. Not
/// thread-safe while it is filled.
/// </summary>
public sealed class FlatState : IStateSource
{
    // Tells "has storage" from "has none" without a trie; no trie hashes to it.
    private static readonly Hash256 SomeStorage = Hash256.FromUInt256(UInt256.One);

    private readonly ulong _seed;
    private readonly List<(Hash256 Hash, byte[] Code)> _codes = [(Keccak256.EmptyString, [])];
    private readonly Dictionary<Hash256, int> _codeNumbers = [];
    private HandleIndex _accountIndex;
    private HandleIndex _slotIndex;
    private AccountRow[] _accounts;
    private SlotRow[] _slots;

    /// <summary>A state without accounts.</summary>
    /// <param name="accountCapacity">Accounts to have room for before the first growth.</param>
    /// <param name="slotCapacity">Slots to have room for before the first growth.</param>
    public FlatState(int accountCapacity = 1024, int slotCapacity = 1024)
    {
        Span<byte> seed = stackalloc byte[8];
        RandomNumberGenerator.Fill(seed);
        _seed = BitConverter.ToUInt64(seed);
        _accountIndex = new HandleIndex(accountCapacity);
        _slotIndex = new HandleIndex(slotCapacity);
        _accounts = new AccountRow[Math.Max(accountCapacity, 16)];
        _slots = new SlotRow[Math.Max(slotCapacity, 16)];
    }

    private struct AccountRow
    {
        public Address Address;

        // Number of the code, and whether there are slots.
        public uint CodeAndStorage;
        public UInt256 Balance;
        public ulong Nonce;
    }

    private struct SlotRow
    {
        public UInt256 Key;
        public UInt256 Value;
        public int Account;
    }

    private const uint StorageBit = 1u << 31;

    /// <summary>Number of accounts.</summary>
    public int AccountCount { get; private set; }

    /// <summary>Number of slots.</summary>
    public int SlotCount { get; private set; }

    /// <summary>Bytes that the tables take.</summary>
    public long TableBytes =>
        (64L * _accounts.Length) + (72L * _slots.Length) + _accountIndex.Bytes + _slotIndex.Bytes;

    /// <summary>Adds an account that is not there.</summary>
    /// <returns>Its number, from 0 on.</returns>
    /// <exception cref="ArgumentException">It is there.</exception>
    public int AddAccount(
        in Address address, in UInt256 balance, ulong nonce = 0, ReadOnlySpan<byte> code = default)
    {
        uint hash = KeyHash.Of(address, _seed);
        if (FindAccount(address, hash, out uint position) >= 0)
            throw new ArgumentException($"account {address} is there", nameof(address));
        if (AccountCount == _accounts.Length) Array.Resize(ref _accounts, AccountCount * 2);
        _accounts[AccountCount] = new AccountRow
        {
            Address = address,
            Balance = balance,
            Nonce = nonce,
            CodeAndStorage = code.IsEmpty ? 0 : AddCode(code),
        };
        _accountIndex.Insert(position, hash, AccountCount);
        return AccountCount++;
    }

    /// <summary>Adds a slot that is not there.</summary>
    /// <param name="account">Number of the account.</param>
    /// <param name="key">The slot's key.</param>
    /// <param name="value">Its value, not zero.</param>
    /// <exception cref="ArgumentException">It is there, or the value is zero.</exception>
    public void AddSlot(int account, in UInt256 key, in UInt256 value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)account, (uint)AccountCount, nameof(account));
        if (value.IsZero) throw new ArgumentException("a slot that is zero is not there", nameof(value));
        uint hash = KeyHash.Of(account, key, _seed);
        if (FindSlot(account, key, hash, out uint position) >= 0)
            throw new ArgumentException($"slot {key} is there", nameof(key));
        if (SlotCount == _slots.Length) Array.Resize(ref _slots, SlotCount * 2);
        _slots[SlotCount] = new SlotRow { Account = account, Key = key, Value = value };
        _slotIndex.Insert(position, hash, SlotCount++);
        _accounts[account].CodeAndStorage |= StorageBit;
    }

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out AccountData account)
    {
        int number = FindAccount(address, KeyHash.Of(address, _seed), out _);
        account = number < 0 ? default : this[number];
        return number >= 0;
    }

    /// <inheritdoc/>
    public UInt256 GetStorage(in Address address, in UInt256 key)
    {
        int account = FindAccount(address, KeyHash.Of(address, _seed), out _);
        if (account < 0) return UInt256.Zero;
        int slot = FindSlot(account, key, KeyHash.Of(account, key, _seed), out _);
        return slot < 0 ? UInt256.Zero : _slots[slot].Value;
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash)
    {
        return _codeNumbers.TryGetValue(codeHash, out int number)
            ? _codes[number].Code
            : throw new StateUnavailableException("the code", codeHash);
    }

    /// <summary>An account by its number. An account with slots has a storage root that stands for some root.</summary>
    internal AccountData this[int account]
    {
        get
        {
            ref readonly AccountRow row = ref _accounts[account];
            return new AccountData
            {
                Nonce = row.Nonce,
                Balance = row.Balance,
                CodeHash = _codes[(int)(row.CodeAndStorage & ~StorageBit)].Hash,
                StorageRoot = (row.CodeAndStorage & StorageBit) != 0 ? SomeStorage : AccountData.EmptyStorageRoot,
            };
        }
    }

    /// <summary>Address of an account.</summary>
    internal ref readonly Address AddressOf(int account) => ref _accounts[account].Address;

    /// <summary>A slot by its position.</summary>
    internal (int Account, UInt256 Key, UInt256 Value) SlotAt(int position)
    {
        ref readonly SlotRow row = ref _slots[position];
        return (row.Account, row.Key, row.Value);
    }

    /// <summary>The codes, the empty one first.</summary>
    internal IReadOnlyList<(Hash256 Hash, byte[] Code)> Codes => _codes;

    private uint AddCode(ReadOnlySpan<byte> code)
    {
        Hash256 hash = Keccak256.Hash(code);
        if (_codeNumbers.TryGetValue(hash, out int number)) return (uint)number;
        _codeNumbers.Add(hash, _codes.Count);
        _codes.Add((hash, code.ToArray()));
        return (uint)_codes.Count - 1;
    }

    private int FindAccount(in Address address, uint hash, out uint position)
    {
        for (position = _accountIndex.Start(hash); ; position = _accountIndex.Next(position))
        {
            ulong cell = _accountIndex.Cell(position);
            if (cell == 0) return -1;
            int account = (int)(uint)cell - 1;
            if ((uint)(cell >> 32) == hash && _accounts[account].Address == address) return account;
        }
    }

    private int FindSlot(int account, in UInt256 key, uint hash, out uint position)
    {
        for (position = _slotIndex.Start(hash); ; position = _slotIndex.Next(position))
        {
            ulong cell = _slotIndex.Cell(position);
            if (cell == 0) return -1;
            int slot = (int)(uint)cell - 1;
            if ((uint)(cell >> 32) == hash && _slots[slot].Account == account && _slots[slot].Key == key) return slot;
        }
    }
}
