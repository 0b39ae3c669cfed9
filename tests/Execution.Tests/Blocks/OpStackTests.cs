using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Blocks;

/// <summary>Deposits and the fees of OP-stack chains.</summary>
public class OpStackTests
{
    private static readonly Address Depositor = Address.Parse("0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001");
    private static readonly Address Target = Address.Parse("0x00000000000000000000000000000000000000aa");

    [Fact]
    public void Execute_Deposit_MintsAndPaysNothing()
    {
        TestChain chain = Open(OpFork.Holocene);
        Assert.Equal(TxError.None, chain.Executor.Execute(Deposit(b => (b.Mint, b.Value) = (1000, 300))));
        Receipt receipt = Assert.Single(chain.Executor.Receipts);
        Assert.True(receipt.Success);
        Assert.Equal(0UL, receipt.DepositNonce);
        Assert.Equal(21_000UL, receipt.GasUsed);
        Assert.Equal((UInt256)700, Balance(chain, Depositor));
        Assert.Equal((UInt256)300, Balance(chain, Target));
        Assert.Equal(1UL, chain.State.Nonce(chain.State.Account(Depositor)));
        Assert.Equal(UInt256.Zero, Balance(chain, TestChain.Beneficiary));
    }

    public static TheoryData<string, ulong> FailingDeposits() => new()
    {
        { "value", 100_000 },
        { "gas", 20_000 },
        { "system", 100_000 },
        { "revert", 21_005 },
    };

    [Theory]
    [MemberData(nameof(FailingDeposits))]
    public void Execute_FailingDeposit_KeepsMintAndNonceOnly(string what, ulong gasUsed)
    {
        TestChain chain = Open(OpFork.Holocene, c => c.Deploy("5f5f5ffd"));
        Transaction deposit = Deposit(b =>
        {
            b.Mint = 1000;
            b.Value = what == "value" ? 1001 : 1;
            b.GasLimit = what == "gas" ? 20_000UL : 100_000UL;
            b.IsSystemTx = what == "system";
            if (what == "revert") b.To = Address.FromUInt256(0xc0de);
        });
        Assert.Equal(TxError.None, chain.Executor.Execute(deposit));
        Receipt receipt = Assert.Single(chain.Executor.Receipts);
        Assert.False(receipt.Success);
        Assert.Equal(what == "revert" ? 21_006UL : gasUsed, receipt.GasUsed);
        Assert.Equal((UInt256)1000, Balance(chain, Depositor));
        Assert.Equal(1UL, chain.State.Nonce(chain.State.Account(Depositor)));
    }

    [Fact]
    public void Execute_DepositAboveTheBlocksGas_IsInvalid()
    {
        TestChain chain = Open(OpFork.Holocene);
        Assert.Equal(TxError.BlockGasExceeded, chain.Executor.Execute(Deposit(b => b.GasLimit = 30_000_001)));
        Assert.Equal(UInt256.Zero, Balance(chain, Depositor));
    }

    [Theory]
    [InlineData(OpFork.Regolith, false)]
    [InlineData(OpFork.Canyon, true)]
    public void WriteTo_DepositReceipt_StatesItsNonceFromCanyonOn(OpFork fork, bool expected)
    {
        TestChain chain = Open(fork);
        Assert.Equal(TxError.None, chain.Executor.Execute(Deposit(_ => { })));
        Assert.Equal(expected, chain.Executor.Receipts[0].DepositNonce is not null);
    }

    [Theory]
    [InlineData(OpFork.Regolith)]
    [InlineData(OpFork.Ecotone)]
    [InlineData(OpFork.Fjord)]
    [InlineData(OpFork.Isthmus)]
    [InlineData(OpFork.Jovian)]
    public void Execute_Transfer_PaysL1AndOperator(OpFork fork)
    {
        TestChain chain = Open(fork, SetPrices);
        Transaction transaction = chain.Transfer(0, 0);
        Assert.Equal(TxError.None, chain.Executor.Execute(transaction));
        Receipt receipt = Assert.Single(chain.Executor.Receipts);

        ReadOnlySpan<byte> raw = transaction.Raw.Span;
        ulong dataGas = (ulong)raw.Count((byte)0) * 4 + (ulong)(raw.Length - raw.Count((byte)0)) * 16;
        const ulong price = 16 * 2000 * 1_000_000_000UL + 3000 * 5_000_000_000UL;
        UInt256 l1Fee = fork switch
        {
            OpFork.Regolith => (UInt256)(dataGas + 188) * 1_000_000_000 * 684_000 / 1_000_000,
            OpFork.Ecotone => (UInt256)price * dataGas / 16_000_000,

            // A transfer compresses to less than the least size that is counted.
            _ => (UInt256)price * 100_000_000 / 1_000_000_000_000,
        };
        UInt256 operatorFee = fork switch
        {
            OpFork.Isthmus => 21_000 * 400_000UL / 1_000_000 + 7,
            OpFork.Jovian => 21_000 * 400_000UL * 100 + 7,
            _ => UInt256.Zero,
        };
        UInt256 baseFee = chain.Executor.Environment!.BaseFee!.Value * 21_000;
        UInt256 tip = 10 * 21_000;
        Assert.Equal(l1Fee, receipt.L1Fee);
        Assert.Equal(operatorFee, receipt.OperatorFee);
        Assert.Equal(l1Fee, Balance(chain, OpAddresses.L1FeeVault));
        Assert.Equal(operatorFee, Balance(chain, OpAddresses.OperatorFeeVault));
        Assert.Equal(baseFee, Balance(chain, OpAddresses.BaseFeeVault));
        Assert.Equal(tip, Balance(chain, TestChain.Beneficiary));
        UInt256 paid = l1Fee + operatorFee + baseFee + tip + UInt256.One;
        Assert.Equal(TestChain.Ether - paid, Balance(chain, chain.Senders[0]));
    }

    [Fact]
    public void Execute_PricesChangedByADeposit_HoldFromThenOn()
    {
        // SSTORE(1, calldata word): the base fee on L1.
        TestChain chain = Open(OpFork.Ecotone, c =>
        {
            SetPrices(c);
            c.State.BeginTransaction();
            c.State.SetCode(c.State.Account(OpAddresses.L1Block), Convert.FromHexString("5f3560015500"));
            c.State.EndTransaction();
        });
        Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, 0)));
        chain.Executor.CloseFrag();
        Transaction change = Deposit(b => (b.To, b.Data) = (OpAddresses.L1Block, new byte[32]));
        Assert.True(chain.Executor.ExecuteFrag([change, chain.Transfer(0, 1)]).IsGood);
        Assert.True(chain.Executor.Receipts[2].L1Fee < chain.Executor.Receipts[0].L1Fee);
        UInt256 changed = chain.Executor.Receipts[2].L1Fee;
        Assert.True(chain.Executor.RollbackLastFrag());
        Assert.True(chain.Executor.ExecuteFrag([chain.Transfer(0, 1)]).IsGood);
        Assert.NotEqual(changed, chain.Executor.Receipts[1].L1Fee);
    }

    [Fact]
    public void Execute_FootprintAboveTheGasLimit_IsInvalid()
    {
        // 30,000,000 gas hold five transactions of 100 bytes at 60,000 gas a byte, though there is gas left for more.
        TestChain chain = Open(OpFork.Jovian, c => SetOperatorSlot(c, 0, 0, 60_000));
        var errors = new List<TxError>();
        for (ulong nonce = 0; nonce < 6; nonce++) errors.Add(chain.Executor.Execute(chain.Transfer(0, nonce)));
        Assert.Equal([TxError.None, TxError.None, TxError.None, TxError.None, TxError.None], errors[..5]);
        Assert.Equal(TxError.BlockFootprintExceeded, errors[5]);
        Assert.Equal(30_000_000UL, chain.Seal().Header.BlobGasUsed);
    }

    private static TestChain Open(OpFork fork, Action<TestChain>? prepare = null)
    {
        var chain = new TestChain(ChainSpec.Always(fork, 10));
        prepare?.Invoke(chain);
        chain.Executor.BeginUnchecked(chain.NextEnvironment(), excessBlobGas: 0);
        return chain;
    }

    private static Transaction Deposit(Action<TransactionBuilder> change)
    {
        var builder = new TransactionBuilder
        {
            Type = TxType.Deposit,
            DepositFrom = Depositor,
            To = Target,
            GasLimit = 100_000,
        };
        change(builder);
        return builder.Build();
    }

    /// <summary>L1 base fee 1 gwei, blob base fee 5 gwei, scalars 2000 and 3000, operator 400,000 and 7.</summary>
    private static void SetPrices(TestChain chain)
    {
        SetSlot(chain, 1, 1_000_000_000);
        SetSlot(chain, 3, new UInt256(0, 2000UL << 32 | 3000));
        SetSlot(chain, 5, 188);
        SetSlot(chain, 6, 684_000);
        SetSlot(chain, 7, 5_000_000_000);
        SetOperatorSlot(chain, 400_000, 7, 0);
    }

    private static void SetOperatorSlot(TestChain chain, uint scalar, ulong constant, ushort footprintScalar) =>
        SetSlot(chain, 8, new UInt256(constant, (ulong)footprintScalar << 32 | scalar));

    private static void SetSlot(TestChain chain, ulong slot, UInt256 value)
    {
        chain.State.BeginTransaction();
        int account = chain.State.Account(OpAddresses.L1Block);
        chain.State.SetNonce(account, 1);
        chain.State.SetSlot(chain.State.Slot(account, slot), value);
        chain.State.EndTransaction();
    }

    private static UInt256 Balance(TestChain chain, Address address) =>
        chain.State.Balance(chain.State.Account(address));
}
