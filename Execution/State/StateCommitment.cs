using System.Buffers.Binary;
using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>
/// Commits to what a block did to the state, frag by frag: each value is the hash of the one before and of the frag's
/// difference in canonical form (docs/protocol.md, "Commitment to the state"), so that a replica that diverges is found
/// at the frag, long before the seal. It does not depend on the order of writes, on what is resident, or on tries.
/// Keeps its buffers from use to use; not thread-safe.
/// </summary>
internal sealed class StateCommitment
{
    private const int EntryLengthMax = Address.Size + 1 + sizeof(ulong) + 2 * Hash256.Size + sizeof(uint);
    private const int SlotLength = 2 * Hash256.Size;
    private const byte Absent = 0;
    private const byte Present = 1;
    private const byte PresentAnew = 3;

    private readonly Dictionary<int, int> _positions = [];
    private readonly byte[] _buffer = new byte[16 * 1024];
    private KeccakHasher _hasher;
    private int _filled;
    private int[] _accountOrder = [];
    private SlotKey[] _slots = [];
    private int _slotCount;

    /// <summary>A slot that is listed, and the place of its account.</summary>
    private readonly record struct SlotKey(int Account, int Slot);

    private static ReadOnlySpan<byte> Domain => "fragcast-state-v0"u8;

    /// <summary>What the chain of a block's commitments starts from.</summary>
    public static Hash256 Start(in Hash256 parentHash, ulong number)
    {
        Span<byte> bytes = stackalloc byte[Domain.Length + Hash256.Size + sizeof(ulong)];
        Domain.CopyTo(bytes);
        parentHash.CopyTo(bytes[Domain.Length..]);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[^sizeof(ulong)..], number);
        return Keccak256.Hash(bytes);
    }

    /// <summary>The commitment after a period, of which <paramref name="delta"/> holds all changes.</summary>
    public Hash256 Next(in Hash256 previous, StateDelta delta)
    {
        _hasher = default;
        _filled = 0;
        previous.CopyTo(Take(Hash256.Size));
        Order(delta);
        Span<AccountDelta> accounts = delta.Accounts;
        int slot = 0;
        for (int i = 0; i < accounts.Length; i++)
        {
            int first = slot;
            while (slot < _slotCount && _slots[slot].Account == i) slot++;
            ref readonly AccountDelta account = ref accounts[_accountOrder[i]];
            if (account.IsChanged || slot > first || IsAnew(account))
                Write(account, delta.Slots, _slots.AsSpan(first..slot));
        }

        _hasher.Update(_buffer.AsSpan(0, _filled));
        return _hasher.Finish();
    }

    private static bool IsAnew(in AccountDelta account) => account is { WasRemoved: true, Existed: true, Exists: true };

    /// <summary>Accounts by address; listed slots by their account's place, then by key.</summary>
    private void Order(StateDelta delta)
    {
        Span<AccountDelta> accounts = delta.Accounts;
        Span<SlotDelta> slots = delta.Slots;
        if (_accountOrder.Length < accounts.Length) _accountOrder = new int[Math.Max(64, 2 * accounts.Length)];
        if (_slots.Length < slots.Length) _slots = new SlotKey[Math.Max(64, 2 * slots.Length)];
        for (int i = 0; i < accounts.Length; i++) _accountOrder[i] = i;
        _accountOrder.AsSpan(0, accounts.Length).Sort(new ByAddress(delta));

        _positions.Clear();
        for (int i = 0; i < accounts.Length; i++) _positions.Add(accounts[_accountOrder[i]].Handle, i);
        _slotCount = 0;
        for (int i = 0; i < slots.Length; i++)
        {
            int position = _positions[slots[i].Account];
            ref readonly AccountDelta account = ref accounts[_accountOrder[position]];
            bool isListed = IsAnew(account) ? !slots[i].Value.IsZero : slots[i].IsChanged;
            if (account.Exists && isListed) _slots[_slotCount++] = new SlotKey(position, i);
        }

        _slots.AsSpan(0, _slotCount).Sort(new ByAccountThenKey(delta));
    }

    private void Write(in AccountDelta account, ReadOnlySpan<SlotDelta> slots, ReadOnlySpan<SlotKey> listed)
    {
        Span<byte> head = Take(Address.Size + 1);
        account.Address.Bytes.CopyTo(head);
        head[^1] = !account.Exists ? Absent : IsAnew(account) ? PresentAnew : Present;
        if (!account.Exists) return;
        Span<byte> body = Take(EntryLengthMax - head.Length);
        BinaryPrimitives.WriteUInt64BigEndian(body, account.Nonce);
        account.Balance.WriteBigEndian(body[sizeof(ulong)..]);
        account.CodeHash.CopyTo(body[(sizeof(ulong) + UInt256.Size)..]);
        BinaryPrimitives.WriteUInt32BigEndian(body[^sizeof(uint)..], (uint)listed.Length);
        foreach (SlotKey place in listed)
        {
            ref readonly SlotDelta slot = ref slots[place.Slot];
            Span<byte> pair = Take(SlotLength);
            slot.Key.WriteBigEndian(pair);
            slot.Value.WriteBigEndian(pair[UInt256.Size..]);
        }
    }

    /// <summary>Room for the next bytes; valid until the next call.</summary>
    private Span<byte> Take(int length)
    {
        if (_buffer.Length - _filled < length)
        {
            _hasher.Update(_buffer.AsSpan(0, _filled));
            _filled = 0;
        }

        Span<byte> room = _buffer.AsSpan(_filled, length);
        _filled += length;
        return room;
    }

    private readonly struct ByAddress(StateDelta delta) : IComparer<int>
    {
        public int Compare(int x, int y) =>
            delta.Accounts[x].Address.Bytes.SequenceCompareTo(delta.Accounts[y].Address.Bytes);
    }

    private readonly struct ByAccountThenKey(StateDelta delta) : IComparer<SlotKey>
    {
        public int Compare(SlotKey x, SlotKey y)
        {
            if (x.Account != y.Account) return x.Account - y.Account;
            return delta.Slots[x.Slot].Key.CompareTo(delta.Slots[y.Slot].Key);
        }
    }
}
