using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Blocks;

public class TransactionProcessorTests
{
    private static readonly Address Nobody = Address.Parse("0x00000000000000000000000000000000000000aa");
    private static readonly Hash256 BlobHash = Hash256.FromUInt256(UInt256.One << 248);

    [Fact]
    public void Execute_Transfer_MovesValueAndFees()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));
        chain.Begin();
        Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, 0)));
        UInt256 baseFee = chain.Executor.Environment!.BaseFee!.Value;
        UInt256 fee = (baseFee + 10) * 21_000;
        Assert.Equal(TestChain.Ether - fee - UInt256.One, Balance(chain, chain.Senders[0]));
        Assert.Equal(UInt256.One, Balance(chain, Nobody));
        Assert.Equal((UInt256)210_000, Balance(chain, TestChain.Beneficiary));
        Receipt receipt = Assert.Single(chain.Executor.Receipts);
        Assert.True(receipt.Success);
        Assert.Equal(baseFee + 10, receipt.EffectiveGasPrice);
    }

    public static TheoryData<string, Fork, TxError> InvalidTransactions() => new()
    {
        { "access list", Fork.Istanbul, TxError.UnsupportedType },
        { "dynamic fee", Fork.Berlin, TxError.UnsupportedType },
        { "blob", Fork.Shanghai, TxError.UnsupportedType },
        { "set code", Fork.Cancun, TxError.UnsupportedType },
        { "deposit", Fork.Cancun, TxError.UnsupportedType },
        { "chain", Fork.Cancun, TxError.WrongChainId },
        { "signature", Fork.Cancun, TxError.BadSignature },
        { "nonce low", Fork.Cancun, TxError.NonceTooLow },
        { "nonce high", Fork.Cancun, TxError.NonceTooHigh },
        { "nonce last", Fork.Cancun, TxError.NonceExhausted },
        { "code", Fork.Cancun, TxError.SenderHasCode },
        { "funds", Fork.Cancun, TxError.InsufficientFunds },
        { "funds overflow", Fork.Cancun, TxError.InsufficientFunds },
        { "block gas", Fork.Cancun, TxError.BlockGasExceeded },
        { "gas cap", Fork.Osaka, TxError.GasLimitTooHigh },
        { "intrinsic", Fork.Cancun, TxError.IntrinsicGasTooLow },
        { "intrinsic list", Fork.Cancun, TxError.IntrinsicGasTooLow },
        { "intrinsic create", Fork.Cancun, TxError.IntrinsicGasTooLow },
        { "floor", Fork.Prague, TxError.FloorGasTooLow },
        { "fee cap", Fork.Cancun, TxError.FeeCapTooLow },
        { "tip", Fork.Cancun, TxError.TipAboveFeeCap },
        { "init code", Fork.Cancun, TxError.InitCodeTooLong },
        { "no blobs", Fork.Cancun, TxError.NoBlobs },
        { "blobs", Fork.Cancun, TxError.TooManyBlobs },
        { "blobs of a transaction", Fork.Osaka, TxError.TooManyBlobs },
        { "blob version", Fork.Cancun, TxError.BadBlobVersion },
        { "blob fee", Fork.Cancun, TxError.BlobFeeCapTooLow },
        { "no authorizations", Fork.Prague, TxError.NoAuthorizations },
    };

    [Theory]
    [MemberData(nameof(InvalidTransactions))]
    public void Execute_InvalidTransaction_SaysWhyAndChangesNothing(string what, Fork fork, TxError expected)
    {
        var chain = new TestChain(ChainSpec.Always(fork));
        if (what == "code") SetCode(chain, chain.Senders[0]);
        chain.Executor.BeginUnchecked(chain.NextEnvironment(), excessBlobGas: 0);
        if (what == "nonce low") Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, 0)));
        Hash256 root = chain.Executor.StateRoot();
        int executed = chain.Executor.Transactions.Count;

        Assert.Equal(expected, chain.Executor.Execute(Invalid(chain, what)));
        Assert.Equal(root, chain.Executor.StateRoot());
        Assert.Equal(executed, chain.Executor.Transactions.Count);
    }

    [Fact]
    public void Execute_MoreBlobsThanTheBlockHolds_SaysSo()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));
        chain.Begin();
        Assert.Equal(TxError.None, chain.Executor.Execute(Blobs(chain, 0, 4)));
        Assert.Equal(4 * BlobSchedule.GasPerBlob, chain.Executor.Tally.BlobGasUsed);
        Assert.Equal(TxError.BlockBlobGasExceeded, chain.Executor.Execute(Blobs(chain, 1, 3)));
        Assert.Equal(TxError.None, chain.Executor.Execute(Blobs(chain, 1, 2)));
        Assert.Equal(6 * BlobSchedule.GasPerBlob, chain.Seal().Header.BlobGasUsed);
    }

    [Fact]
    public void Execute_Create_LeavesTheContract()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));
        chain.Begin();

        // Returns one byte of code, a STOP.
        Transaction create = chain.Transfer(0, 0, b => (b.To, b.Data) = (null, Convert.FromHexString("60015ff3")));
        Assert.Equal(TxError.None, chain.Executor.Execute(create));
        Receipt receipt = Assert.Single(chain.Executor.Receipts);
        Assert.Equal(ContractAddress.FromNonce(chain.Senders[0], 0), receipt.ContractAddress);
        Assert.Equal(1, chain.State.Code(chain.State.Account(receipt.ContractAddress!.Value)).Length);
    }

    [Fact]
    public void Execute_RevertingCall_IsPartOfTheBlock()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));
        Address contract = chain.Deploy("5f5ffd");
        chain.Begin();
        Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, 0, b => b.To = contract)));
        Receipt receipt = Assert.Single(chain.Executor.Receipts);
        Assert.False(receipt.Success);
        Assert.Equal(21_004UL, receipt.GasUsed);
        Assert.Equal(UInt256.Zero, Balance(chain, contract));
    }

    [Fact]
    public void Execute_LogsAndClearedSlot_AreInReceiptAndRefund()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Cancun));

        // SSTORE(0, calldata word); LOG1(0, 0, 5).
        Address contract = chain.Deploy("5f355f5560055f5fa100");
        chain.Begin();
        byte[] one = Hash256.FromUInt256(UInt256.One).Bytes.ToArray();
        Execute(chain, chain.Transfer(0, 0, b => (b.To, b.Data) = (contract, one)));
        Execute(chain, chain.Transfer(0, 1, b => b.To = contract));
        (Receipt set, Receipt cleared) = (chain.Executor.Receipts[0], chain.Executor.Receipts[1]);
        Assert.Equal(Hash256.FromUInt256(5), Assert.Single(Assert.Single(set.Logs).Topics));
        Bloom expected = default;
        expected.Add(contract.Bytes);
        expected.Add(Hash256.FromUInt256(5).Bytes);
        Assert.Equal(expected.Bytes.ToArray(), set.Bloom.Bytes.ToArray());

        // Intrinsic, code, cold slot cleared: 21,000 + 770 + 5,000, less 4,800.
        Assert.Equal(21_000UL + Overhead + 5_000 - 4_800, cleared.GasUsed);
        Assert.Equal(set.GasUsed + cleared.GasUsed, cleared.CumulativeGasUsed);
    }

    [Fact]
    public void Execute_Authorization_DelegatesAndRefunds()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Prague));

        // SSTORE(0, 1).
        Address target = chain.Deploy("60015f5500");
        chain.Begin();
        Authorization[] authorizations =
        [
            Authorization.Sign(chain.Chain.ChainId, target, 0, chain.KeyOf(1)),
            Authorization.Sign(chain.Chain.ChainId + 1, target, 0, chain.KeyOf(2)),
            Authorization.Sign(UInt256.Zero, target, 5, chain.KeyOf(3)),
        ];
        Transaction transaction = chain.Transfer(0, 0, b =>
        {
            b.Type = TxType.SetCode;
            b.Authorizations = authorizations;
            b.GasLimit = 300_000;
            b.To = chain.Senders[1];
        });
        Execute(chain, transaction);
        int authority = chain.State.Account(chain.Senders[1]);
        Assert.Equal(target, chain.State.Code(authority).DelegationTarget);
        Assert.Equal(1UL, chain.State.Nonce(authority));
        Assert.Equal(UInt256.One, chain.State.Current(chain.State.Slot(authority, UInt256.Zero)));
        Assert.False(chain.State.HasCode(chain.State.Account(chain.Senders[2])));
        Assert.False(chain.State.HasCode(chain.State.Account(chain.Senders[3])));

        // Three authorizations, two pushes, a cold slot set; half of one authorization comes back.
        Assert.Equal(21_000UL + 3 * 25_000 + 5 + 22_100 - 12_500, chain.Executor.Receipts[0].GasUsed);
    }

    [Fact]
    public void Execute_CalldataWithoutWork_PaysTheFloor()
    {
        var chain = new TestChain(ChainSpec.Always(Fork.Prague));
        chain.Begin();
        Execute(chain, chain.Transfer(0, 0, b => b.Data = new byte[] { 0, 1, 2, 3 }));
        Assert.Equal(21_000UL + 13 * 10, chain.Executor.Receipts[0].GasUsed);
    }

    // CALLDATALOAD, two SSTORE pushes, LOG1 with one topic and no data, its pushes.
    private const ulong Overhead = 2 + 3 + 2 + 3 + 2 + 2 + 375 + 375;

    private static void Execute(TestChain chain, Transaction transaction)
    {
        Assert.Equal(TxError.None, chain.Executor.Execute(transaction));
        Assert.True(chain.Executor.Receipts[^1].Success);
    }

    private static Transaction Blobs(TestChain chain, int sender, int count) => chain.Transfer(sender, 0, b =>
        (b.Type, b.MaxFeePerBlobGas, b.BlobHashes) = (TxType.Blob, 100, [.. Enumerable.Repeat(BlobHash, count)]));

    private static Transaction Invalid(TestChain chain, string what) => what switch
    {
        "access list" => chain.Transfer(0, 0, b => b.Type = TxType.AccessList),
        "dynamic fee" => chain.Transfer(0, 0),
        "blob" => Blobs(chain, 0, 1),
        "set code" => chain.Transfer(0, 0, b => b.Type = TxType.SetCode),
        "deposit" => new TransactionBuilder { Type = TxType.Deposit, DepositFrom = Nobody, To = Nobody }.Build(),
        "chain" => chain.Transfer(0, 0, b => b.ChainId++),
        "signature" => Unsigned(),
        "nonce low" => chain.Transfer(0, 0),
        "nonce high" => chain.Transfer(0, 1),
        "nonce last" => chain.Transfer(0, ulong.MaxValue),
        "funds" => chain.Transfer(0, 0, b => b.Value = TestChain.Ether - 99_999_999),
        "funds overflow" => chain.Transfer(0, 0, b => b.MaxFeePerGas = UInt256.MaxValue),
        "block gas" => chain.Transfer(0, 0, b => b.GasLimit = 30_000_001),
        "gas cap" => chain.Transfer(0, 0, b => b.GasLimit = (1 << 24) + 1),
        "intrinsic" => chain.Transfer(0, 0, b => b.GasLimit = 20_999),
        "intrinsic list" => chain.Transfer(0, 0, b =>
            (b.GasLimit, b.AccessList) = (25_299, [new AccessListEntry(Nobody, [UInt256.One])])),
        "intrinsic create" => chain.Transfer(0, 0, b => (b.GasLimit, b.To) = (52_999, null)),
        "floor" => chain.Transfer(0, 0, b => (b.GasLimit, b.Data) = (21_000 + 399, Ones(10))),
        "fee cap" => chain.Transfer(0, 0, b => (b.MaxFeePerGas, b.MaxPriorityFeePerGas) = (80, 1)),
        "tip" => chain.Transfer(0, 0, b => b.MaxPriorityFeePerGas = 1001),
        "init code" => chain.Transfer(0, 0, b => (b.GasLimit, b.To, b.Data) = (2_000_000, null, new byte[49_153])),
        "no blobs" => Blobs(chain, 0, 0),
        "blobs" or "blobs of a transaction" => Blobs(chain, 0, 7),
        "blob version" => chain.Transfer(0, 0, b =>
            (b.Type, b.MaxFeePerBlobGas, b.BlobHashes) = (TxType.Blob, 100, [Hash256.Zero])),
        "blob fee" => chain.Transfer(0, 0, b => (b.Type, b.BlobHashes) = (TxType.Blob, [BlobHash])),
        "no authorizations" => chain.Transfer(0, 0, b => b.Type = TxType.SetCode),
        _ => chain.Transfer(0, 0),
    };

    private static Transaction Unsigned() =>
        new TransactionBuilder { ChainId = 1, MaxFeePerGas = 1000, To = Nobody, GasLimit = 50_000 }.Build();

    private static byte[] Ones(int count) => [.. Enumerable.Repeat((byte)1, count)];

    private static void SetCode(TestChain chain, Address address)
    {
        chain.State.BeginTransaction();
        chain.State.SetCode(chain.State.Account(address), [0]);
        chain.State.EndTransaction();
    }

    private static UInt256 Balance(TestChain chain, Address address) =>
        chain.State.Balance(chain.State.Account(address));
}
