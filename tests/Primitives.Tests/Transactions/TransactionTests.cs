using System.Runtime.InteropServices;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Primitives.Tests.Transactions;

public class TransactionTests
{
    [Theory]
    [MemberData(nameof(TestTransactions.AllTypes), MemberType = typeof(TestTransactions))]
    public void TryDecode_EveryFieldSet_GivesTheFieldsAndTheSameBytesAgain(TxType type)
    {
        var builder = TestTransactions.Full(type);
        var raw = TestTransactions.Encode(builder);
        var tx = TestTransactions.Decode(raw);

        Assert.Equal(
            (builder.Type, builder.ChainId, builder.Nonce, builder.MaxFeePerGas, builder.MaxPriorityFeePerGas),
            (tx.Type, tx.ChainId, tx.Nonce, tx.MaxFeePerGas, tx.MaxPriorityFeePerGas));
        Assert.Equal(
            (builder.GasLimit, builder.To, builder.Value, builder.MaxFeePerBlobGas),
            (tx.GasLimit, tx.To, tx.Value, tx.MaxFeePerBlobGas));
        Assert.Equal(
            (builder.SourceHash, builder.Mint, builder.IsSystemTx, builder.YParity, builder.R, builder.S),
            (tx.SourceHash, tx.Mint, tx.IsSystemTx, tx.YParity, tx.R, tx.S));
        Assert.Equal(builder.Data.ToArray(), tx.Data.ToArray());
        Assert.Equal(builder.BlobHashes, tx.BlobHashes);
        Assert.Equal(builder.Authorizations, tx.Authorizations);
        Assert.Equal(builder.AccessList.Select(e => e.Address), tx.AccessList.Select(e => e.Address));
        Assert.Equal(
            builder.AccessList.SelectMany(e => e.StorageKeys), tx.AccessList.SelectMany(e => e.StorageKeys));
        Assert.Equal(raw, TransactionBuilder.CopyOf(tx).Encode());
        Assert.Equal(Keccak256.Hash(raw), tx.Hash);
        Assert.Equal(tx.IsDeposit ? builder.DepositFrom : TestKeys.AddressOf(TestTransactions.Key), tx.Sender);
    }

    [Theory]
    [MemberData(nameof(TestTransactions.AllTypes), MemberType = typeof(TestTransactions))]
    public void TryDecode_NothingSet_GivesTheSameBytesAgain(TxType type)
    {
        var raw = TestTransactions.Encode(TestTransactions.Empty(type));
        var tx = TestTransactions.Decode(raw);

        Assert.Equal(raw, TransactionBuilder.CopyOf(tx).Encode());
        Assert.Empty(tx.AccessList);
        Assert.Equal(type is not (TxType.Blob or TxType.SetCode), tx.IsCreate);
        Assert.NotNull(tx.Sender);
    }

    [Fact]
    public void Data_OfADecodedTransaction_IsASliceOfTheInput()
    {
        var raw = TestTransactions.Encode(TestTransactions.Full(TxType.DynamicFee));
        var tx = TestTransactions.Decode(raw.AsMemory());

        Assert.True(MemoryMarshal.TryGetArray(tx.Data, out var data));
        Assert.Same(raw, data.Array);
        Assert.Equal(300, data.Count);
    }

    [Fact]
    public void Sender_TheExampleOfEip155_IsItsSigner()
    {
        var builder = new TransactionBuilder
        {
            Type = TxType.Legacy,
            ChainId = 1,
            Nonce = 9,
            MaxFeePerGas = 20_000_000_000,
            GasLimit = 21000,
            To = Address.Parse("0x3535353535353535353535353535353535353535"),
            Value = 1_000_000_000_000_000_000,
        };
        var key = new byte[32];
        key.AsSpan().Fill(0x46);

        Assert.Equal(
            Hash256.Parse("0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53"), builder.SigningHash());
        var raw = builder.EncodeSigned(key);
        Assert.Equal(
            "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a0"
            + "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a0"
            + "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
            Convert.ToHexStringLower(raw));
        var tx = TestTransactions.Decode(raw);
        Assert.Equal(Address.Parse("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"), tx.Sender);
        Assert.Equal((37, 1UL), (tx.V, tx.ChainId));
    }

    [Fact]
    public void Sender_LegacyWithoutChainId_IsFoundAndVIs27Or28()
    {
        for (ulong nonce = 0; nonce < 8; nonce++)
        {
            var tx = new TransactionBuilder { Type = TxType.Legacy, Nonce = nonce, To = TestTransactions.To }
                .Sign(TestTransactions.Key);
            Assert.Null(tx.ChainId);
            Assert.Equal(27 + (ulong)tx.YParity, (ulong)tx.V);
            Assert.Equal(TestKeys.AddressOf(TestTransactions.Key), tx.Sender);
        }
    }

    [Fact]
    public void Sender_LargestChainId_IsFound()
    {
        var tx = new TransactionBuilder { Type = TxType.Legacy, ChainId = ulong.MaxValue, To = TestTransactions.To }
            .Sign(TestTransactions.Key);
        Assert.Equal(ulong.MaxValue, tx.ChainId);
        Assert.Equal(TestKeys.AddressOf(TestTransactions.Key), tx.Sender);
    }

    [Theory]
    [MemberData(nameof(TestTransactions.SignedTypes), MemberType = typeof(TestTransactions))]
    public void TryRecoverSender_ImpossibleSignature_IsFalse(TxType type)
    {
        var good = TestTransactions.Full(type).Sign(TestTransactions.Key);
        var order = Crypto.Order;
        (UInt256 R, UInt256 S)[] bad =
        [
            (0, good.S), (good.R, 0), (order, good.S), (good.R, order), (UInt256.MaxValue, good.S),
            (good.R, order - good.S), (good.R, Crypto.HalfOrder + 1),
        ];
        foreach (var (r, s) in bad)
        {
            var builder = TransactionBuilder.CopyOf(good);
            (builder.R, builder.S) = (r, s);
            var tx = builder.Build();
            for (var time = 0; time < 2; time++)
            {
                Assert.False(tx.TryRecoverSender(out var sender));
                Assert.Equal(default, sender);
                Assert.Null(tx.Sender);
            }
        }
    }

    [Fact]
    public void TryRecoverSender_SAtHalfTheOrder_IsStillTaken()
    {
        var builder = TransactionBuilder.CopyOf(TestTransactions.Full(TxType.DynamicFee).Sign(TestTransactions.Key));
        builder.S = Crypto.HalfOrder;
        Assert.True(builder.Build().TryRecoverSender(out _));
    }

    [Fact]
    public void TryRecoverAuthority_OfSignedAuthorizations_GivesTheSigner()
    {
        var authorizations = TestTransactions.Decode(TestTransactions.Encode(TestTransactions.Full(TxType.SetCode)))
            .Authorizations;

        Assert.True(authorizations[0].TryRecoverAuthority(out var first));
        Assert.True(authorizations[1].TryRecoverAuthority(out var second));
        Assert.False(authorizations[2].TryRecoverAuthority(out _));
        Assert.Equal(TestKeys.AddressOf(TestKeys.Key(1)), first);
        Assert.Equal(TestKeys.AddressOf(TestKeys.Key(2)), second);
        Assert.False((authorizations[0] with { S = Crypto.Order - authorizations[0].S }).TryRecoverAuthority(out _));
        Assert.False((authorizations[0] with { YParity = 27 }).TryRecoverAuthority(out _));
    }

    [Fact]
    public void HashAndSender_AskedByManyThreads_AreTheSame()
    {
        for (var round = 0; round < 20; round++)
        {
            var tx = TestTransactions.Decode(new TransactionBuilder { GasLimit = (ulong)round }.EncodeSigned(
                TestTransactions.Key));
            var expected = (Keccak256.Hash(tx.Raw.Span), (Address?)TestKeys.AddressOf(TestTransactions.Key));
            var seen = new (Hash256, Address?)[4];
            var threads = seen.Select((_, i) => new Thread(() => seen[i] = (tx.Hash, tx.Sender))).ToArray();
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
            Assert.All(seen, one => Assert.Equal(expected, one));
        }
    }

    private static class Crypto
    {
        public static UInt256 Order => Primitives.Crypto.Secp256k1.Order;

        public static UInt256 HalfOrder => Primitives.Crypto.Secp256k1.HalfOrder;
    }

    [Fact]
    public void BuildFrom_WithoutASignature_HasTheSenderThatIsGiven()
    {
        Address sender = Address.FromUInt256(0xAA);
        Transaction transaction = new TransactionBuilder { Type = TxType.Legacy, Nonce = 3 }.BuildFrom(sender);
        Assert.True(transaction.TryRecoverSender(out Address found));
        Assert.Equal(sender, found);
        Assert.Null(new TransactionBuilder { Type = TxType.Legacy, Nonce = 3 }.Build().Sender);
    }
}
