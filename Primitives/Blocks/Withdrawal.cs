using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Blocks;

/// <summary>A withdrawal from the beacon chain into an account (EIP-4895).</summary>
/// <param name="Index">Counts all withdrawals of the chain.</param>
/// <param name="ValidatorIndex">The validator it comes from.</param>
/// <param name="Address">The account that receives it.</param>
/// <param name="AmountGwei">The amount in gwei, not wei.</param>
public readonly record struct Withdrawal(ulong Index, ulong ValidatorIndex, Address Address, ulong AmountGwei)
{
    /// <summary>Appends the RLP form, as it stands in a block body and in the withdrawals trie.</summary>
    public void WriteTo(ref RlpWriter writer)
    {
        var numbersLength = RlpLength.Of(Index) + RlpLength.Of(ValidatorIndex) + RlpLength.Of(AmountGwei);
        writer.StartList(numbersLength + RlpLength.Of(Address.Bytes));
        writer.Write(Index);
        writer.Write(ValidatorIndex);
        writer.Write(Address);
        writer.Write(AmountGwei);
    }

    /// <summary>The RLP form in memory of its own.</summary>
    public byte[] Encode()
    {
        // List header 1, three integers of 9 at most, address 21: 49 bytes, so that the writer never rents.
        var writer = new RlpWriter(stackalloc byte[64]);
        WriteTo(ref writer);
        return writer.ToArray();
    }

    /// <summary>Reads a withdrawal. Any input gives a value or an error.</summary>
    public static BlockDecodeError TryDecode(ReadOnlySpan<byte> rlp, out Withdrawal withdrawal)
    {
        withdrawal = default;
        var outer = new RlpReader(rlp);
        if (!outer.TryReadList(out var fields) || !outer.TryFinish())
        {
            return BlockHeaderDecoder.Name(outer.Error);
        }

        if (!(fields.TryReadUInt64(out var index) && fields.TryReadUInt64(out var validatorIndex)
            && fields.TryReadAddress(out var address) && fields.TryReadUInt64(out var amountGwei)
            && fields.TryFinish()))
        {
            return BlockHeaderDecoder.Name(fields.Error);
        }

        withdrawal = new Withdrawal(index, validatorIndex, address, amountGwei);
        return BlockDecodeError.None;
    }
}
