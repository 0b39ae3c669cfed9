using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Blocks;

public class BlockExecutorTests
{
    private static readonly ChainSpec Cancun = ChainSpec.Always(Fork.Cancun);
    private static readonly ChainSpec Holocene = ChainSpec.Always(OpFork.Holocene, 10);
    private static readonly ChainSpec Isthmus = ChainSpec.Always(OpFork.Isthmus, 10);

    [Fact]
    public void Begin_GoodEnvironment_OpensABlock()
    {
        var chain = new TestChain(Cancun);
        chain.Begin();
        Assert.True(chain.Executor.IsOpen);
        Assert.Equal(BlockError.BlockOpen, chain.Executor.Begin(chain.Parent, chain.NextEnvironment()));
    }

    public static TheoryData<string, BlockError> BadEnvironments() => new()
    {
        { "number", BlockError.NumberNotNext },
        { "parent", BlockError.WrongParentHash },
        { "time", BlockError.TimestampTooEarly },
        { "limit up", BlockError.GasLimitOutOfBounds },
        { "limit down", BlockError.GasLimitOutOfBounds },
        { "base fee", BlockError.WrongBaseFee },
        { "extra data", BlockError.BadExtraData },
        { "difficulty", BlockError.DifficultyNotZero },
        { "beacon root", BlockError.WrongBeaconRoot },
        { "withdrawals", BlockError.WrongWithdrawals },
    };

    [Theory]
    [MemberData(nameof(BadEnvironments))]
    public void Begin_BadEnvironment_SaysWhy(string what, BlockError expected)
    {
        var chain = new TestChain(Cancun);
        BlockEnvironment good = chain.NextEnvironment();
        BlockEnvironment bad = what switch
        {
            "number" => good with { Number = good.Number + 1 },
            "parent" => good with { ParentHash = Hash256.Zero },
            "time" => good with { Timestamp = chain.Parent.Timestamp },
            "limit up" => good with { GasLimit = good.GasLimit + good.GasLimit / 1024 },
            "limit down" => good with { GasLimit = good.GasLimit - good.GasLimit / 1024 },
            "base fee" => good with { BaseFee = good.BaseFee!.Value + UInt256.One },
            "extra data" => good with { ExtraData = new byte[33] },
            "difficulty" => good with { Difficulty = UInt256.One },
            "beacon root" => good with { ParentBeaconBlockRoot = null },
            _ => good with { Withdrawals = null },
        };
        Assert.Equal(expected, chain.Executor.Begin(chain.Parent, bad));
        Assert.False(chain.Executor.IsOpen);
    }

    [Fact]
    public void Begin_OpStackBlock_HasItsOwnBounds()
    {
        var chain = new TestChain(Holocene);
        BlockEnvironment good = chain.NextEnvironment();
        BlockEnvironment withWithdrawal = good with { Withdrawals = [new Withdrawal(1, 1, default, 1)] };
        Assert.Equal(BlockError.WrongWithdrawals, chain.Executor.Begin(chain.Parent, withWithdrawal));
        BlockEnvironment withZeroes = good with { ExtraData = new byte[9] };
        Assert.Equal(BlockError.BadExtraData, chain.Executor.Begin(chain.Parent, withZeroes));
        BlockHeader withoutParameters = chain.Parent with { ExtraData = default };
        Assert.Equal(
            BlockError.BadExtraData,
            chain.Executor.Begin(withoutParameters, good with { ParentHash = withoutParameters.Hash }));
        BlockEnvironment larger = good with { GasLimit = good.GasLimit * 2, Timestamp = chain.Parent.Timestamp };
        Assert.Equal(BlockError.None, chain.Executor.Begin(chain.Parent, larger));
    }

    [Fact]
    public void ExecuteFrag_InvalidTransaction_LeavesNothingOfTheFrag()
    {
        var chain = new TestChain(Cancun);
        chain.Begin();
        Assert.True(chain.Executor.ExecuteFrag([chain.Transfer(0, 0), chain.Transfer(1, 0)]).IsGood);
        Hash256 root = chain.Executor.StateRoot();
        BlockTally tally = chain.Executor.Tally;

        FragResult result =
            chain.Executor.ExecuteFrag([chain.Transfer(0, 1), chain.Transfer(1, 5), chain.Transfer(2, 0)]);
        Assert.Equal((TxError.NonceTooHigh, 1), (result.Error, result.FailedIndex));
        Assert.Equal(root, chain.Executor.StateRoot());
        Assert.Equal(tally.GasUsed, chain.Executor.Tally.GasUsed);
        Assert.Equal((1, 2, 2), Counts(chain));

        Assert.Equal(21_000UL, chain.Executor.ExecuteFrag([chain.Transfer(0, 1)]).GasUsed);
        Assert.Equal(Direct(Cancun, [(0, 0), (1, 0), (0, 1)]).Hash, chain.Seal().Hash);
    }

    [Fact]
    public void RollbackLastFrag_Repeatedly_GoesBackFragByFrag()
    {
        var chain = new TestChain(Cancun);
        chain.Begin();
        Hash256 atStart = chain.Executor.StateRoot();
        chain.Executor.ExecuteFrag([chain.Transfer(0, 0)]);
        Hash256 afterFirst = chain.Executor.StateRoot();
        chain.Executor.ExecuteFrag([chain.Transfer(0, 1), chain.Transfer(1, 0)]);

        Assert.True(chain.Executor.RollbackLastFrag());
        Assert.Equal(afterFirst, chain.Executor.StateRoot());
        Assert.True(chain.Executor.RollbackLastFrag());
        Assert.Equal(atStart, chain.Executor.StateRoot());
        Assert.False(chain.Executor.RollbackLastFrag());
        Assert.Equal((0, 0, 0), Counts(chain));
    }

    [Fact]
    public void RollbackLastFrag_WithTransactionsSinceTheLast_TakesThoseBack()
    {
        var chain = new TestChain(Cancun);
        chain.Begin();
        Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, 0)));
        chain.Executor.CloseFrag();
        Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, 1)));
        Assert.True(chain.Executor.RollbackLastFrag());
        Assert.Equal((1, 1, 1), Counts(chain));
    }

    [Fact]
    public void Execute_InvalidTransaction_IsPassedOver()
    {
        var chain = new TestChain(Cancun);
        chain.Begin();
        Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, 0)));
        Assert.Equal(TxError.NonceTooLow, chain.Executor.Execute(chain.Transfer(0, 0)));
        Assert.Equal(TxError.None, chain.Executor.Execute(chain.Transfer(0, 1)));
        chain.Executor.CloseFrag();
        Assert.Equal(Direct(Cancun, [(0, 0), (0, 1)]).Hash, chain.Seal().Hash);
    }

    [Fact]
    public void Seal_ThenAnotherFrag_IsAsIfNotSealed()
    {
        var chain = new TestChain(Cancun);
        Assert.Equal(
            BlockError.None,
            chain.Executor.Begin(chain.Parent, chain.NextEnvironment() with { Withdrawals = Withdrawals }));
        chain.Executor.ExecuteFrag([chain.Transfer(0, 0)]);
        Hash256 first = chain.Seal().Hash;
        Assert.Same(chain.Seal(), chain.Seal());
        chain.Executor.ExecuteFrag([chain.Transfer(0, 1)]);
        Assert.NotEqual(first, chain.Seal().Hash);
        Assert.True(chain.Executor.RollbackLastFrag());
        Assert.Equal(first, chain.Seal().Hash);
    }

    [Fact]
    public void Seal_WithWithdrawals_PaysThem()
    {
        var chain = new TestChain(Cancun);
        chain.Executor.Begin(chain.Parent, chain.NextEnvironment() with { Withdrawals = Withdrawals });
        SealedBlock block = chain.Seal();
        int account = chain.State.Account(Withdrawals[0].Address);
        Assert.Equal((UInt256)(3 * 1_000_000_000UL), chain.State.Balance(account));
        Assert.NotEqual(BlockHeader.EmptyTrieRoot, block.Header.WithdrawalsRoot);
    }

    [Fact]
    public void Commit_ThenNextBlock_BuildsOnIt()
    {
        var chain = new TestChain(Cancun);
        chain.Begin();
        chain.Executor.ExecuteFrag([chain.Transfer(0, 0)]);
        chain.Seal();
        SealedBlock first = chain.Executor.Commit();
        Assert.False(chain.Executor.IsOpen);

        chain.Parent = first.Header;
        chain.Begin();
        Assert.Equal(0UL, chain.Executor.Tally.GasUsed);
        Assert.True(chain.Executor.ExecuteFrag([chain.Transfer(0, 1)]).IsGood);
        SealedBlock second = chain.Seal();
        Assert.Equal(first.Hash, second.Header.ParentHash);
        Assert.NotEqual(first.Header.StateRoot, second.Header.StateRoot);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Discard_OpenOrSealed_IsAsIfNotBegun(bool isSealed)
    {
        var chain = new TestChain(Cancun);
        chain.Begin();
        chain.Executor.ExecuteFrag([chain.Transfer(0, 0), chain.Transfer(1, 0)]);
        if (isSealed) chain.Seal();
        chain.Executor.Discard();
        Assert.Equal(chain.Parent.StateRoot, chain.Trie.Root);
        chain.Begin();
        chain.Executor.ExecuteFrag([chain.Transfer(0, 0)]);
        Assert.Equal(Direct(Cancun, [(0, 0)]).Hash, chain.Seal().Hash);
    }

    [Fact]
    public void Seal_IsthmusBlock_HasItsHeaderFields()
    {
        var chain = new TestChain(Isthmus);
        chain.Begin();
        BlockHeader header = chain.Seal().Header;
        Assert.Equal(BlockHeader.EmptyTrieRoot, header.WithdrawalsRoot);
        Assert.Equal(
            Hash256.Parse("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), header.RequestsHash);
        Assert.Equal((0UL, 0UL), (header.BlobGasUsed, header.ExcessBlobGas));
    }

    [Fact]
    public void Execute_PlainTransfers_AllocatesReceiptsOnly()
    {
        const int count = 200;
        var chain = new TestChain(Cancun);
        Transaction[] transactions = [.. Enumerable.Range(0, count).Select(i => chain.Transfer(0, (ulong)i))];
        foreach (Transaction transaction in transactions) Assert.True(transaction.TryRecoverSender(out _));

        // The first round grows every table and buffer to its size.
        Run();
        chain.Executor.Discard();
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            Run();
            chain.Executor.Discard();
        }

        long perTransaction = gate.LeastBytes / count;

        // A receipt has a bloom of 256 bytes and some 200 bytes of fields; the block's own objects are spread over all.
        Assert.InRange(perTransaction, 256, 600);

        void Run()
        {
            chain.Begin();
            foreach (Transaction transaction in transactions) chain.Executor.Execute(transaction);
        }
    }

    private static readonly Withdrawal[] Withdrawals =
        [new(7, 9, Address.Parse("0x00000000000000000000000000000000000000dd"), 3)];

    private static SealedBlock Direct(ChainSpec spec, (int Sender, ulong Nonce)[] transfers)
    {
        var chain = new TestChain(spec);
        chain.Begin();
        Assert.True(chain.Executor.ExecuteFrag([.. transfers.Select(t => chain.Transfer(t.Sender, t.Nonce))]).IsGood);
        return chain.Seal();
    }

    private static (int Frags, int Transactions, int Receipts) Counts(TestChain chain) =>
        (chain.Executor.FragCount, chain.Executor.Transactions.Count, chain.Executor.Receipts.Count);
}
