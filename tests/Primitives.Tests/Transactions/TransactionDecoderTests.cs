using Fragcast.Primitives.Rlp;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Primitives.Tests.Transactions;

public class TransactionDecoderTests
{
    private const string TwoTo256 = "a1010000000000000000000000000000000000000000000000000000000000000000";

    [Theory]
    [InlineData("", TxDecodeError.Empty)]
    [InlineData("00", TxDecodeError.UnknownType)]
    [InlineData("05c0", TxDecodeError.UnknownType)]
    [InlineData("7dc0", TxDecodeError.UnknownType)]
    [InlineData("7fc0", TxDecodeError.UnknownType)]
    [InlineData("80", TxDecodeError.UnknownType)]
    [InlineData("bf", TxDecodeError.UnknownType)]
    [InlineData("c0", TxDecodeError.MissingFields)]
    [InlineData("02", TxDecodeError.MissingFields)]
    [InlineData("02c0", TxDecodeError.MissingFields)]
    [InlineData("0280", TxDecodeError.MalformedRlp)]
    [InlineData("02c000", TxDecodeError.TrailingData)]
    [InlineData("c180", TxDecodeError.MissingFields)]
    [InlineData("c100", TxDecodeError.MalformedRlp)]
    [InlineData("c1c0", TxDecodeError.MalformedRlp)]
    [InlineData("f800", TxDecodeError.MalformedRlp)]
    [InlineData("ffffffffffffffffff", TxDecodeError.MissingFields)]
    [InlineData("03c1c0", TxDecodeError.BlobSidecar)]
    public void TryDecode_BadInput_SaysWhatIsWrong(string hex, TxDecodeError expected)
    {
        Assert.Equal(expected, Transaction.TryDecode(Convert.FromHexString(hex), out var tx));
        Assert.Null(tx);
    }

    [Theory]
    [MemberData(nameof(TestTransactions.AllTypes), MemberType = typeof(TestTransactions))]
    public void TryDecode_EveryPrefix_IsRefused(TxType type)
    {
        var raw = TestTransactions.Encode(TestTransactions.Full(type));
        for (var length = 0; length < raw.Length; length++)
        {
            Assert.NotEqual(TxDecodeError.None, Transaction.TryDecode(raw.AsMemory(0, length), out var tx));
            Assert.Null(tx);
        }
    }

    [Theory]
    [MemberData(nameof(TestTransactions.AllTypes), MemberType = typeof(TestTransactions))]
    public void TryDecode_AByteOrAFieldTooMuch_IsTrailingData(TxType type)
    {
        var raw = TestTransactions.Encode(TestTransactions.Full(type));

        Assert.Equal(TxDecodeError.TrailingData, Transaction.TryDecode((byte[])[.. raw, 0], out _));
        var oneMore = Edit(raw, fields => [.. fields, [0x80]]);
        Assert.Equal(TxDecodeError.TrailingData, Transaction.TryDecode(oneMore, out _));
    }

    [Theory]
    [MemberData(nameof(TestTransactions.AllTypes), MemberType = typeof(TestTransactions))]
    public void TryDecode_AFieldMissing_IsRefused(TxType type)
    {
        var raw = TestTransactions.Encode(TestTransactions.Full(type));
        var count = Fields(raw).Count;
        for (var i = 0; i < count; i++)
        {
            var error = Transaction.TryDecode(Edit(raw, fields => [.. fields.Where((_, at) => at != i)]), out _);
            Assert.NotEqual(TxDecodeError.None, error);
        }
    }

    [Theory]
    [InlineData(TxType.Blob)]
    [InlineData(TxType.SetCode)]
    public void TryDecode_NoReceiverWhereOneIsNeeded_IsMissingTo(TxType type)
    {
        var builder = TestTransactions.Full(type);
        builder.To = null;
        Assert.Equal(TxDecodeError.MissingTo, Transaction.TryDecode(builder.EncodeSigned(TestTransactions.Key), out _));
    }

    [Fact]
    public void TryDecode_BlobTransactionWithItsBlobs_IsBlobSidecar()
    {
        var raw = TestTransactions.Encode(TestTransactions.Full(TxType.Blob));
        var wrapped = new RlpWriter();
        wrapped.StartList();
        wrapped.WriteRaw(raw.AsSpan(1));
        wrapped.WriteRaw([0xC0, 0xC0, 0xC0]);
        wrapped.EndList();

        Assert.Equal(TxDecodeError.BlobSidecar, Transaction.TryDecode((byte[])[3, .. wrapped.Written], out _));
    }

    // Fields of a typed transaction: 0 chain id, 1 nonce, 2 tip, 3 cap, 4 gas, 5 to, 6 value, 7 data, 8 access list,
    // 9 authorizations, 10 y parity, 11 r, 12 s.
    [Theory]
    [InlineData(0, "89010000000000000000", TxDecodeError.ChainIdTooLarge)]
    [InlineData(1, "89010000000000000000", TxDecodeError.IntegerTooLarge)]
    [InlineData(1, "820001", TxDecodeError.MalformedRlp)]
    [InlineData(1, "00", TxDecodeError.MalformedRlp)]
    [InlineData(1, "c0", TxDecodeError.MalformedRlp)]
    [InlineData(2, TwoTo256, TxDecodeError.IntegerTooLarge)]
    [InlineData(5, "93000000000000000000000000000000000000ab", TxDecodeError.WrongSize)]
    [InlineData(5, "9500000000000000000000000000000000000000abcd", TxDecodeError.WrongSize)]
    [InlineData(7, "8101", TxDecodeError.MalformedRlp)]
    [InlineData(8, "80", TxDecodeError.MalformedRlp)]
    [InlineData(8, "c180", TxDecodeError.WrongSize)]
    [InlineData(8, "d7d6940000000000000000000000000000000000000000c100", TxDecodeError.MissingFields)]
    [InlineData(8, "d8d7940000000000000000000000000000000000000000c0c0", TxDecodeError.TrailingData)]
    [InlineData(8, "d7d6940000000000000000000000000000000000000000c180", TxDecodeError.MissingFields)]
    [InlineData(8, "d8d7930000000000000000000000000000000000000080c080", TxDecodeError.WrongSize)]
    [InlineData(8, "d8d7940000000000000000000000000000000000000000c180", TxDecodeError.WrongSize)]
    [InlineData(9, "80", TxDecodeError.MalformedRlp)]
    [InlineData(9, "c1c0", TxDecodeError.WrongSize)]
    [InlineData(10, "02", TxDecodeError.BadSignatureV)]
    [InlineData(10, "1b", TxDecodeError.BadSignatureV)]
    [InlineData(11, TwoTo256, TxDecodeError.IntegerTooLarge)]
    [InlineData(12, "8200ff", TxDecodeError.MalformedRlp)]
    public void TryDecode_OneFieldWrong_SaysWhatIsWrong(int field, string hex, TxDecodeError expected)
    {
        var raw = TestTransactions.Encode(TestTransactions.Full(TxType.SetCode));
        var edited = Edit(raw, fields =>
        {
            fields[field] = Convert.FromHexString(hex);
            return fields;
        });

        Assert.Equal(expected, Transaction.TryDecode(edited, out _));
    }

    [Theory]
    [InlineData("80", TxDecodeError.BadSignatureV)]
    [InlineData("01", TxDecodeError.BadSignatureV)]
    [InlineData("1a", TxDecodeError.BadSignatureV)]
    [InlineData("1b", TxDecodeError.None)]
    [InlineData("1c", TxDecodeError.None)]
    [InlineData("1d", TxDecodeError.BadSignatureV)]
    [InlineData("22", TxDecodeError.BadSignatureV)]
    [InlineData("23", TxDecodeError.None)]
    [InlineData("24", TxDecodeError.None)]
    [InlineData("89020000000000000021", TxDecodeError.None)]
    [InlineData("89020000000000000022", TxDecodeError.None)]
    [InlineData("89020000000000000023", TxDecodeError.ChainIdTooLarge)]
    public void TryDecode_LegacyV_MustBeOneOfTheTwoForms(string v, TxDecodeError expected)
    {
        var raw = TestTransactions.Encode(TestTransactions.Full(TxType.Legacy));
        var edited = Edit(raw, fields =>
        {
            fields[6] = Convert.FromHexString(v);
            return fields;
        });

        Assert.Equal(expected, Transaction.TryDecode(edited, out var tx));
        if (tx is not null)
        {
            Assert.Equal(edited, TransactionBuilder.CopyOf(tx).Encode());
        }
    }

    [Fact]
    public void TryDecode_DepositFlagAboveOne_IsBadFlag()
    {
        var raw = TestTransactions.Encode(TestTransactions.Full(TxType.Deposit));
        var edited = Edit(raw, fields =>
        {
            fields[6] = [2];
            return fields;
        });

        Assert.Equal(TxDecodeError.BadFlag, Transaction.TryDecode(edited, out _));
    }

    [Fact]
    public void TryDecode_ListThatClaimsManyItems_AllocatesNoMoreThanItsLength()
    {
        // 200,000 one-byte items where entries of 23 bytes and more belong.
        var raw = Edit(TestTransactions.Encode(TestTransactions.Full(TxType.AccessList)), fields =>
        {
            var list = new RlpWriter();
            list.StartList(200_000);
            list.WriteRaw(new byte[200_000]);
            fields[7] = list.ToArray();
            return fields;
        });
        _ = Transaction.TryDecode(raw, out _);
        var error = TxDecodeError.None;
        AllocationGate gate = new();
        while (gate.NextRun())
            error = Transaction.TryDecode(raw, out _);

        Assert.InRange(gate.LeastBytes, 0, 4096);
        Assert.Equal(TxDecodeError.WrongSize, error);
    }

    [Fact]
    public void TryDecode_TransactionWithoutLists_AllocatesOneObject()
    {
        var raw = TestTransactions.Encode(TestTransactions.Empty(TxType.DynamicFee));
        _ = Transaction.TryDecode(raw, out _);
        AllocationGate gate = new();
        while (gate.NextRun())
            _ = Transaction.TryDecode(raw, out _);

        Assert.InRange(gate.LeastBytes, 1, 640);
    }

    [Theory]
    [MemberData(nameof(TestTransactions.AllTypes), MemberType = typeof(TestTransactions))]
    public void TryDecode_MutatedTransactions_GiveAnErrorOrTheSameBytesAgain(TxType type)
    {
        var random = new Random(20260 + (int)type);
        byte[][] originals =
        [
            TestTransactions.Encode(TestTransactions.Full(type)), TestTransactions.Encode(TestTransactions.Empty(type)),
        ];
        var decoded = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var raw = Mutation.Of(originals[round % 2], random, focus: 64);
            if (Transaction.TryDecode(raw, out var tx) != TxDecodeError.None)
            {
                Assert.Null(tx);
                continue;
            }

            decoded++;
            Assert.Equal(raw, TransactionBuilder.CopyOf(tx!).Encode());
            if (round % 50 == 0)
            {
                _ = tx!.TryRecoverSender(out _);
            }
        }

        Assert.InRange(decoded, 100, 19_000);
    }

    [Fact]
    public void TryDecode_RandomBytesBehindEveryType_NeverThrows()
    {
        var random = new Random(99);
        for (var round = 0; round < 20_000; round++)
        {
            var raw = new byte[random.Next(1, 200)];
            random.NextBytes(raw);
            raw[0] = (byte)(round % 6 == 5 ? 0x7E : round % 6 == 0 ? 0xC0 + random.Next(64) : round % 6);
            Assert.NotEqual(TxDecodeError.None, Transaction.TryDecode(raw, out _));
        }
    }

    /// <summary>The transaction with its list of encoded fields changed and the headers made to fit.</summary>
    private static byte[] Edit(byte[] raw, Func<List<byte[]>, List<byte[]>> change)
    {
        var content = change(Fields(raw)).SelectMany(field => field).ToArray();
        var writer = new RlpWriter();
        writer.StartList(content.Length);
        writer.WriteRaw(content);
        return raw[0] >= 0xC0 ? writer.ToArray() : [raw[0], .. writer.Written];
    }

    private static List<byte[]> Fields(byte[] raw)
    {
        var outer = new RlpReader(raw[0] >= 0xC0 ? raw : raw.AsSpan(1));
        Assert.True(outer.TryReadList(out var list));
        var fields = new List<byte[]>();
        while (list.TryReadItem(out var item))
        {
            fields.Add(item.ToArray());
        }

        return fields;
    }
}
