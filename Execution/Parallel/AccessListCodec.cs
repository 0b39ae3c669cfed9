using Fragcast.Execution.State;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Execution.Parallel;

/// <summary>The encoding of <see cref="FragAccessList"/>, one form for each list.</summary>
/// <remarks>
/// <code>
/// list    = [transactionCount, gasUsed, [account, ...]]   RLP
/// account = [address, uses, [slot, ...]]
/// slot    = [key, uses, value, ...]                       integers; a value for each use that has one
/// uses    = byte string of one number for each use, 7 bits a byte, low bits first, 0x80 set in all bytes but the last
///           of an account: (gap &lt;&lt; 6) | access
///           of a slot:     (gap &lt;&lt; 2) | 0: read, 1: write, 3: write with a value
///           gap: transactions passed over since the use before, or since the frag's start
/// </code>
/// </remarks>
public static class AccessListCodec
{
    /// <summary>
    /// Bytes that a list may have. A decoded list takes up to 16 times the memory of its bytes.
    /// </summary>
    public const int BytesMax = 1 << 20;

    private const int AccessBits = 6;
    private const int WriteBits = 2;
    private const int WriteOnly = 1;
    private const int WriteWithValue = 3;

    // A gap below 2^16 and the bits of an access: four groups of seven bits.
    private const int UseBytesMax = 4;

    /// <summary>The list as bytes.</summary>
    public static byte[] Encode(FragAccessList list)
    {
        var writer = new RlpWriter(64 + list.AccountUses.Length * 2 + list.Slots.Length * 36);
        try
        {
            writer.StartList();
            writer.Write((ulong)list.TransactionCount);
            writer.Write(list.GasUsed);
            writer.StartList();
            foreach (ref readonly AccessedAccount account in list.Accounts) WriteAccount(ref writer, list, account);
            writer.EndList();
            writer.EndList();
            return writer.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>
    /// Decodes a list. Any bytes give a list or an error; what is allocated is bounded by their number.
    /// </summary>
    public static AccessListError TryDecode(ReadOnlySpan<byte> bytes, out FragAccessList? list)
    {
        list = null;
        if (bytes.Length > BytesMax) return AccessListError.TooLong;
        var decoder = new AccessListDecoder();
        AccessListError error = decoder.Read(bytes);
        if (error == AccessListError.None) list = decoder.ToList();
        return error;
    }

    /// <summary>Reads the next use of a byte string.</summary>
    /// <returns>False when it is cut off, too large, or not in its shortest form.</returns>
    internal static bool TryReadUse(ref ReadOnlySpan<byte> bytes, int bits, ref int transaction, out int kind)
    {
        uint value = 0;
        kind = 0;
        for (int i = 0; i < UseBytesMax && i < bytes.Length; i++)
        {
            byte group = bytes[i];
            value |= (uint)(group & 0x7f) << (7 * i);
            if ((group & 0x80) != 0) continue;
            if (group == 0 && i > 0) return false;
            bytes = bytes[(i + 1)..];
            kind = (int)(value & ((1u << bits) - 1));
            transaction += (int)(value >> bits) + 1;
            return true;
        }

        return false;
    }

    /// <summary>Reads the next use of an account.</summary>
    internal static bool TryReadAccountUse(ref ReadOnlySpan<byte> bytes, ref int transaction, out AccountAccess access)
    {
        bool isRead = TryReadUse(ref bytes, AccessBits, ref transaction, out int kind);
        access = (AccountAccess)kind;
        return isRead
            && Implies(access, AccountAccess.NonceWrite, AccountAccess.NonceRead)
            && Implies(access, AccountAccess.CodeWrite, AccountAccess.CodeRead);
    }

    /// <summary>Reads the next use of a slot.</summary>
    internal static bool TryReadSlotUse(
        ref ReadOnlySpan<byte> bytes, ref int transaction, out bool isWrite, out bool hasValue)
    {
        bool isRead = TryReadUse(ref bytes, WriteBits, ref transaction, out int kind);
        isWrite = kind is WriteOnly or WriteWithValue;
        hasValue = kind == WriteWithValue;
        return isRead && (isWrite || kind == 0);
    }

    private static bool Implies(AccountAccess access, AccountAccess one, AccountAccess other) =>
        (access & one) == AccountAccess.None || (access & other) != AccountAccess.None;

    private static void WriteAccount(ref RlpWriter writer, FragAccessList list, in AccessedAccount account)
    {
        writer.StartList();
        writer.Write(account.Address);
        var uses = new UseWriter(AccessBits);
        foreach (ref readonly AccountUse use in list.AccountUses.Slice(account.FirstUse, account.UseCount))
            uses.Add(use.Transaction, (uint)use.Access);
        uses.WriteTo(ref writer);
        writer.StartList();
        foreach (ref readonly AccessedSlot slot in list.Slots.Slice(account.FirstSlot, account.SlotCount))
        {
            writer.StartList();
            writer.Write(slot.Key);
            uses = new UseWriter(WriteBits);
            foreach (ref readonly SlotUse use in list.SlotUses.Slice(slot.FirstUse, slot.UseCount))
                uses.Add(use.Transaction, !use.IsWrite ? 0 : use.Value < 0 ? (uint)WriteOnly : WriteWithValue);
            uses.WriteTo(ref writer);
            foreach (ref readonly SlotUse use in list.SlotUses.Slice(slot.FirstUse, slot.UseCount))
            {
                if (use.Value >= 0) writer.Write(list.Values[use.Value]);
            }

            writer.EndList();
        }

        writer.EndList();
        writer.EndList();
    }

    /// <summary>Collects the uses of one place as a byte string.</summary>
    private ref struct UseWriter(int bits)
    {
        private byte[] _bytes = new byte[16];
        private int _length;
        private int _last = -1;

        public void Add(int transaction, uint kind)
        {
            if (_bytes.Length - _length < UseBytesMax) Array.Resize(ref _bytes, _bytes.Length * 2);
            uint value = (uint)(transaction - _last - 1) << bits | kind;
            _last = transaction;
            for (; value > 0x7f; value >>= 7) _bytes[_length++] = (byte)(value | 0x80);
            _bytes[_length++] = (byte)value;
        }

        public readonly void WriteTo(ref RlpWriter writer) => writer.Write(_bytes.AsSpan(0, _length));
    }
}
