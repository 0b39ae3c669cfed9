using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Blocks;

/// <summary>
/// Limits of what a transaction may be, each at the last value allowed and one beyond. The numbers follow from the
/// EIPs by hand: the public suites' files on them are not part of the test data.
/// </summary>
public class TransactionRulesTests
{
    private static readonly Address Nobody = Address.Parse("0x00000000000000000000000000000000000000aa");
    private static readonly Hash256 BlobHash = Hash256.FromUInt256(UInt256.One << 248);

    /// <summary>
    /// Fork, whether it creates, zero and nonzero bytes, accounts and slots of the access list, authorizations; gas.
    /// </summary>
    public static TheoryData<Fork, bool, int, int, int, int, int, ulong> LeastGas() => new()
    {
        { Fork.Frontier, false, 0, 0, 0, 0, 0, 21_000 },
        { Fork.Frontier, true, 0, 0, 0, 0, 0, 21_000 },
        { Fork.Homestead, true, 0, 0, 0, 0, 0, 53_000 },
        { Fork.Byzantium, false, 3, 2, 0, 0, 0, 21_000 + 3 * 4 + 2 * 68 },
        { Fork.Istanbul, false, 3, 2, 0, 0, 0, 21_000 + 3 * 4 + 2 * 16 },
        { Fork.Berlin, false, 0, 0, 1, 0, 0, 21_000 + 2_400 },
        { Fork.Berlin, false, 0, 1, 2, 3, 0, 21_000 + 16 + 2 * 2_400 + 6 * 1_900 },
        { Fork.Paris, true, 0, 33, 0, 0, 0, 53_000 + 33 * 16 },
        { Fork.Shanghai, true, 0, 32, 0, 0, 0, 53_000 + 32 * 16 + 2 },
        { Fork.Shanghai, true, 1, 32, 0, 0, 0, 53_000 + 4 + 32 * 16 + 2 * 2 },
        { Fork.Shanghai, true, 0, 1, 1, 1, 0, 53_000 + 16 + 2 + 2_400 + 1_900 },
        { Fork.Cancun, false, 100, 100, 0, 0, 0, 21_000 + 100 * 20 },
        { Fork.Prague, false, 100, 100, 0, 0, 0, 21_000 + 100 * 50 },
        { Fork.Prague, false, 1, 0, 0, 0, 0, 21_000 + 10 },
        { Fork.Prague, true, 0, 100, 0, 0, 0, 53_000 + 100 * 16 + 4 * 2 },
        { Fork.Prague, true, 0, 2_000, 0, 0, 0, 21_000 + 2_000 * 40 },
        { Fork.Prague, false, 0, 100, 1, 1, 0, 21_000 + 100 * 16 + 2_400 + 1_900 },
        { Fork.Prague, false, 0, 200, 1, 1, 0, 21_000 + 200 * 40 },
        { Fork.Prague, false, 0, 0, 0, 0, 1, 21_000 + 25_000 },
        { Fork.Prague, false, 2, 2, 1, 2, 3, 21_000 + 2 * 20 + 2_400 + 2 * 1_900 + 3 * 25_000 },
        { Fork.Prague, false, 0, 1_100, 0, 0, 1, 21_000 + 1_100 * 40 },
        { Fork.Osaka, false, 0, 0, 0, 0, 2, 21_000 + 50_000 },
    };

    [Theory]
    [MemberData(nameof(LeastGas))]
    public void Execute_GasLimit_CoversIntrinsicGasAndFloor(
        Fork fork, bool creates, int zeros, int nonzeros, int accounts, int slots, int authorizations, ulong least)
    {
        var chain = new TestChain(ChainSpec.Always(fork));
        Begin(chain);
        Transaction With(ulong gas) => chain.Transfer(0, 0, b =>
        {
            b.Type = authorizations > 0 ? TxType.SetCode : accounts > 0 ? TxType.AccessList : TxType.Legacy;
            b.GasLimit = gas;
            b.To = creates ? null : Nobody;
            b.Value = UInt256.Zero;
            b.Data = (byte[])[.. new byte[zeros], .. Enumerable.Repeat((byte)1, nonzeros)];
            if (fork < Fork.SpuriousDragon) b.ChainId = null;

            // The same account and slots again and again: each is paid for.
            UInt256[] keys = [.. Enumerable.Repeat(UInt256.One, slots)];
            b.AccessList = [.. Enumerable.Repeat(new AccessListEntry(Nobody, keys), accounts)];
            b.Authorizations = [.. Enumerable.Repeat(Wrong(chain), authorizations)];
        });

        TxError tooLow = chain.Executor.Execute(With(least - 1));
        Assert.True(tooLow is TxError.IntrinsicGasTooLow or TxError.FloorGasTooLow, $"{tooLow}");
        Assert.Equal(TxError.None, chain.Executor.Execute(With(least)));
    }

    [Theory]
    [InlineData("new", 1, 46_000UL)]
    [InlineData("existing", 1, 46_000UL - 46_000 / 5)]
    [InlineData("existing", 3, 96_000UL - 12_500)]
    [InlineData("wrong chain", 1, 46_000UL)]
    [InlineData("wrong nonce", 2, 71_000UL)]
    [InlineData("no signature", 1, 46_000UL)]
    [InlineData("contract", 1, 46_000UL)]
    public void Execute_Authorizations_RefundOnlyForAccountsThatExist(string what, int count, ulong gasUsed)
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Prague));
        if (what == "contract") SetCode(chain, chain.Senders[1], [0]);
        byte[] key = what == "new" ? Keccak256.Hash([0x99]).Bytes.ToArray() : chain.KeyOf(1);
        UInt256 chainId = what == "wrong chain" ? chain.Chain.ChainId + 1 : chain.Chain.ChainId;
        Authorization authorization = Authorization.Sign(chainId, Nobody, what == "wrong nonce" ? 1UL : 0, key);
        if (what == "no signature") authorization = authorization with { S = Secp256k1.Order };
        Begin(chain);
        Transaction transaction = chain.Transfer(0, 0, b =>
        {
            b.Type = TxType.SetCode;
            b.Authorizations = [.. Enumerable.Repeat(authorization, count)];
        });

        // The same one twice holds once: its nonce is used up.
        Assert.Equal(TxError.None, chain.Executor.Execute(transaction));
        Assert.Equal(gasUsed, chain.Executor.Receipts[0].GasUsed);
    }

    [Fact]
    public void Execute_Blobs_NeedTheirFeeCapAndPayTheBaseFee()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));
        Begin(chain);
        UInt256 most = TestChain.Ether - 100_000 * 1_000 - 2 * 131_072 * 100;
        Transaction With(UInt256 value) => chain.Transfer(0, 0, b =>
            (b.Type, b.Value, b.MaxFeePerBlobGas, b.BlobHashes) = (TxType.Blob, value, 100, [BlobHash, BlobHash]));

        Assert.Equal(TxError.InsufficientFunds, chain.Executor.Execute(With(most + 1)));
        Assert.Equal(TxError.None, chain.Executor.Execute(With(most)));
        UInt256 price = chain.Executor.Receipts[0].EffectiveGasPrice;

        // Blob gas is at its lowest price, 1 wei.
        UInt256 left = TestChain.Ether - most - price * 21_000 - 2 * 131_072;
        Assert.Equal(left, chain.State.Balance(chain.State.Account(chain.Senders[0])));
    }

    [Theory]
    [InlineData(Fork.Cancun, 6)]
    [InlineData(Fork.Prague, 9)]
    [InlineData(Fork.Osaka, 6)]
    public void Execute_Blobs_AreLimitedInATransaction(Fork fork, int most)
    {
        var chain = new TestChain(ChainSpec.Always(fork));
        Begin(chain);
        Transaction With(int count) => chain.Transfer(0, 0, b =>
            (b.Type, b.MaxFeePerBlobGas, b.BlobHashes) = (TxType.Blob, 100, [.. Enumerable.Repeat(BlobHash, count)]));

        Assert.Equal(TxError.TooManyBlobs, chain.Executor.Execute(With(most + 1)));
        Assert.Equal(TxError.None, chain.Executor.Execute(With(most)));
    }

    [Theory]
    [InlineData(Fork.Prague, 1UL << 24, TxError.None)]
    [InlineData(Fork.Prague, (1UL << 24) + 1, TxError.None)]
    [InlineData(Fork.Prague, 1UL << 63, TxError.GasLimitTooHigh)]
    [InlineData(Fork.Osaka, 1UL << 24, TxError.None)]
    [InlineData(Fork.Osaka, (1UL << 24) + 1, TxError.GasLimitTooHigh)]
    public void Execute_GasLimit_IsCappedFromOsakaOn(Fork fork, ulong gasLimit, TxError expected)
    {
        foreach (TxType type in (TxType[])[TxType.Legacy, TxType.AccessList, TxType.DynamicFee, TxType.SetCode])
        {
            var chain = new TestChain(ChainSpec.Always(fork));
            Begin(chain);
            Transaction transaction = chain.Transfer(0, 0, b =>
                (b.Type, b.GasLimit, b.Authorizations) = (type, gasLimit, [Wrong(chain)]));
            Assert.Equal(expected, chain.Executor.Execute(transaction));
        }
    }

    [Fact]
    public void Execute_LastNonce_IsNeverUsed()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));
        chain.State.BeginTransaction();
        chain.State.SetNonce(chain.State.Account(chain.Senders[0]), ulong.MaxValue - 1);
        chain.State.EndTransaction();
        Begin(chain);
        Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, ulong.MaxValue - 1)));
        Assert.Equal(TxError.NonceExhausted, chain.Executor.Execute(chain.Transfer(0, ulong.MaxValue)));
    }

    [Fact]
    public void Execute_DelegatedSender_IsAllowed()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Prague));
        SetCode(chain, chain.Senders[0], [0xef, 0x01, 0x00, .. Nobody.Bytes]);
        SetCode(chain, chain.Senders[1], [0xef, 0x01, 0x01, .. Nobody.Bytes]);
        Begin(chain);
        Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, 0)));
        Assert.Equal(TxError.SenderHasCode, chain.Executor.Execute(chain.Transfer(1, 0)));
    }

    [Fact]
    public void Execute_UpperHalfOfS_IsNoSignature()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));
        Begin(chain);
        var builder = TransactionBuilder.CopyOf(chain.Transfer(0, 0));
        builder.S = Secp256k1.Order - builder.S;
        builder.YParity ^= 1;
        Assert.Equal(TxError.BadSignature, chain.Executor.Execute(builder.Build()));
    }

    [Fact]
    public void Execute_FeesAtTheBaseFee_AreEnough()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));
        Begin(chain);
        UInt256 baseFee = chain.Executor.Environment!.BaseFee!.Value;
        Transaction With(UInt256 cap, UInt256 tip) => chain.Transfer(0, 0, b =>
            (b.MaxFeePerGas, b.MaxPriorityFeePerGas) = (cap, tip));

        Assert.Equal(TxError.FeeCapTooLow, chain.Executor.Execute(With(baseFee - 1, 0)));
        Assert.Equal(TxError.TipAboveFeeCap, chain.Executor.Execute(With(baseFee, baseFee + 1)));

        // The cap leaves nothing of the tip.
        Assert.Equal(TxError.None, chain.Executor.Execute(With(baseFee, baseFee)));
        Assert.Equal(UInt256.Zero, chain.State.Balance(chain.State.Account(TestChain.Beneficiary)));
    }

    private static void Begin(TestChain chain) =>
        chain.Executor.BeginUnchecked(chain.NextEnvironment(), excessBlobGas: 0);

    /// <summary>An authorization that does not hold, and so changes nothing.</summary>
    private static Authorization Wrong(TestChain chain) =>
        Authorization.Sign(chain.Chain.ChainId + 1, Nobody, 0, chain.KeyOf(1));

    private static void SetCode(TestChain chain, Address address, byte[] code)
    {
        chain.State.BeginTransaction();
        chain.State.SetCode(chain.State.Account(address), code);
        chain.State.EndTransaction();
    }
}
