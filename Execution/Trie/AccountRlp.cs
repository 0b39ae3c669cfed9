using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Execution.Trie;

/// <summary>
/// Values of the state's tries: accounts, and slots as integers without leading zeros (Yellow Paper, 4.1).
/// </summary>
internal static class AccountRlp
{
    /// <summary>Bytes of the longest account: list prefix 2, nonce 9, balance 33, two hashes of 33.</summary>
    public const int MaxAccountLength = 2 + 9 + 33 + 2 * 33;

    /// <summary>Bytes of the longest slot value.</summary>
    public const int MaxSlotLength = 33;

    /// <summary>Room that a writer wants behind what it writes, for the longest header.</summary>
    public const int WriterSlack = 8;

    /// <summary>Writes an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="buffer">At least <see cref="MaxAccountLength"/> and <see cref="WriterSlack"/> bytes.</param>
    /// <returns>The part of the buffer that was written.</returns>
    public static ReadOnlySpan<byte> Write(scoped in AccountData account, Span<byte> buffer)
    {
        var writer = new RlpWriter(buffer);
        writer.StartList(RlpLength.Of(account.Nonce) + RlpLength.Of(account.Balance) + 2 * (1 + Hash256.Size));
        writer.Write(account.Nonce);
        writer.Write(account.Balance);
        writer.Write(account.StorageRoot);
        writer.Write(account.CodeHash);
        return writer.Written;
    }

    /// <summary>Writes a slot's value, which is not zero.</summary>
    /// <param name="value">The value.</param>
    /// <param name="buffer">At least <see cref="MaxSlotLength"/> and <see cref="WriterSlack"/> bytes.</param>
    /// <returns>The part of the buffer that was written.</returns>
    public static ReadOnlySpan<byte> Write(scoped in UInt256 value, Span<byte> buffer)
    {
        var writer = new RlpWriter(buffer);
        writer.Write(value);
        return writer.Written;
    }

    /// <summary>Reads an account; false when the bytes are none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> rlp, out AccountData account)
    {
        account = default;
        var reader = new RlpReader(rlp);
        return reader.TryReadList(out RlpReader fields)
            && reader.IsAtEnd
            && fields.TryReadUInt64(out account.Nonce)
            && fields.TryReadUInt256(out account.Balance)
            && fields.TryReadHash256(out account.StorageRoot)
            && fields.TryReadHash256(out account.CodeHash)
            && fields.IsAtEnd;
    }

    /// <summary>Reads a slot's value; false when the bytes are none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> rlp, out UInt256 value)
    {
        var reader = new RlpReader(rlp);
        return reader.TryReadUInt256(out value) && reader.IsAtEnd;
    }
}
