using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Parallel;
using Fragcast.Execution.State;
using Fragcast.Execution.Tests.Blocks;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Tests.Parallel;

/// <summary>Replay in parallel has the outcome of execution in order, whatever list it is given.</summary>
public class ParallelReplayTests
{
    private static readonly ChainSpec Prague = ChainSpec.Always(Fork.Prague);
    private static readonly ChainSpec Isthmus = ChainSpec.Always(OpFork.Isthmus, 10);

    public static TheoryData<int, bool, int> Mixes()
    {
        var mixes = new TheoryData<int, bool, int>();
        for (int seed = 0; seed < 12; seed++) mixes.Add(seed, seed % 3 == 0, 1 + (seed % 3));
        return mixes;
    }

    [Theory]
    [MemberData(nameof(Mixes))]
    public void ExecuteFrag_RandomMix_IsAsInOrder(int seed, bool isOp, int workers)
    {
        var random = new Random(seed);
        (TestChain builder, TestChain follower) = CreateTwo(isOp ? Isthmus : Prague, coinbaseSends: seed % 4 == 1);
        var mix = new RandomMix(seed, builder);
        using var replay = new ParallelReplay(workers) { SchedulesAlways = true };
        int parallel = 0;
        for (int frag = 0; frag < 8; frag++)
        {
            List<Transaction> transactions = Build(builder, mix, random.Next(1, 30));
            FragAccessList list = RoundTrip(builder.Executor.LastFragAccess!);
            parallel += transactions.Count > 1 ? 1 : 0;
            if (random.Next(3) == 0)
            {
                // A frag that is replayed, taken back and replayed again.
                Assert.True(follower.Executor.ExecuteFrag(transactions, list, replay).IsGood);
                Hash256 root = follower.Executor.StateRoot();
                Assert.True(follower.Executor.RollbackLastFrag());
                Assert.NotEqual(root, follower.Executor.StateRoot());
                parallel += transactions.Count > 1 ? 1 : 0;
            }

            Assert.True(follower.Executor.ExecuteFrag(transactions, list, replay).IsGood);
            AssertSame(builder, follower);
        }

        Assert.Equal(parallel, replay.CountOf(ParallelOutcome.Parallel));
        Assert.Equal(builder.Seal().Hash, follower.Seal().Hash);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ExecuteFrag_WrongLists_AreFoundAndHarmless(int seed)
    {
        var random = new Random(seed);
        (TestChain builder, TestChain follower) = CreateTwo(Prague, coinbaseSends: false);
        var mix = new RandomMix(seed, builder);
        using var replay = new ParallelReplay(2) { SchedulesAlways = true };
        List<Transaction> transactions = Build(builder, mix, 25);
        FragAccessList good = builder.Executor.LastFragAccess!;
        for (int trial = 0; trial < 150; trial++)
        {
            var editor = new ListEditor(good);
            for (int changes = random.Next(1, 4); changes > 0; changes -= editor.TryBreak(random) ? 1 : 0) { }
            Assert.True(follower.Executor.ExecuteFrag(transactions, RoundTrip(editor.Build()), replay).IsGood);
            AssertSame(builder, follower);
            Assert.True(follower.Executor.RollbackLastFrag());
        }

        // Naming more than is accessed is no mistake; naming less nearly always shows.
        Assert.InRange(replay.CountOf(ParallelOutcome.Unstated), 60, 150);
        Assert.Equal(0, replay.CountOf(ParallelOutcome.ListOfOtherFrag));
    }

    public static TheoryData<string, ParallelOutcome> WrongLists() => new()
    {
        { "right", ParallelOutcome.Parallel },
        { "too much", ParallelOutcome.Parallel },
        { "other frag", ParallelOutcome.ListOfOtherFrag },
        { "no account", ParallelOutcome.Unstated },
        { "no slot", ParallelOutcome.Unstated },
        { "read only", ParallelOutcome.Unstated },
        { "other value", ParallelOutcome.Unstated },
        { "no code", ParallelOutcome.Unstated },
        { "only added", ParallelOutcome.Unstated },
        { "no nonce", ParallelOutcome.Unstated },
    };

    [Theory]
    [MemberData(nameof(WrongLists))]
    public void ExecuteFrag_WrongList_IsCounted(string what, ParallelOutcome expected)
    {
        (TestChain builder, TestChain follower) = CreateTwo(Prague, coinbaseSends: false);
        Address counter = Address.FromUInt256(0xc001);
        Transaction[] transactions =
        [
            builder.Transfer(0, 0, b => b.To = counter),
            builder.Transfer(1, 0, b => b.To = counter),
            builder.Transfer(2, 0),
            builder.Transfer(2, 1),
        ];
        builder.Executor.ExecuteFrag(transactions);
        var editor = new ListEditor(builder.Executor.LastFragAccess!);
        AccountDraft account = editor[counter];
        Change(what, editor, account, editor[builder.Senders[2]]);
        using var replay = new ParallelReplay(2) { SchedulesAlways = true };
        Assert.True(follower.Executor.ExecuteFrag(transactions, editor.Build(), replay).IsGood);
        Assert.Equal(1, replay.CountOf(expected));
        AssertSame(builder, follower);
        Assert.Equal(expected == ParallelOutcome.Parallel, follower.Executor.LastFragAccess is not null);
    }

    private static void Change(string what, ListEditor editor, AccountDraft contract, AccountDraft sender)
    {
        switch (what)
        {
            case "too much":
                contract.Uses[0] = contract.Uses[0] with { Access = AccountAccess.All };
                contract.Slots.Add(new SlotDraft(77, [new UseDraft(new SlotUse(1, true, 0), UInt256.Zero)]));
                break;
            case "other frag": editor.TransactionCount++; break;
            case "no account": editor.Accounts.Remove(contract); break;
            case "no slot": contract.Slots.Clear(); break;
            case "read only":
                contract.Slots[0].Uses[1] = new UseDraft(new SlotUse(1, false, 0), null);
                break;
            case "other value":
                contract.Slots[0].Uses[0] = contract.Slots[0].Uses[0] with { Value = 5 };
                break;
            case "no code": contract.Uses[1] = contract.Uses[1] with { Access = AccountAccess.BalanceWrite }; break;
            case "only added":
                AccountAccess access = sender.Uses[1].Access & ~AccountAccess.BalanceRead;
                sender.Uses[1] = sender.Uses[1] with { Access = access };
                break;
            case "no nonce":
                AccountAccess rest = sender.Uses[0].Access & ~(AccountAccess.NonceRead | AccountAccess.NonceWrite);
                sender.Uses[0] = sender.Uses[0] with { Access = rest };
                break;
        }
    }

    [Fact]
    public void ExecuteFrag_InvalidTransaction_LeavesNothing()
    {
        (TestChain builder, TestChain follower) = CreateTwo(Prague, coinbaseSends: false);
        Transaction[] good = [builder.Transfer(0, 0), builder.Transfer(1, 0), builder.Transfer(2, 0)];
        builder.Executor.ExecuteFrag(good);
        FragAccessList list = builder.Executor.LastFragAccess!;
        Hash256 before = follower.Executor.StateRoot();
        using var replay = new ParallelReplay(2) { SchedulesAlways = true };
        FragResult result = follower.Executor.ExecuteFrag([good[0], builder.Transfer(1, 4), good[2]], list, replay);
        Assert.Equal((TxError.NonceTooHigh, 1), (result.Error, result.FailedIndex));
        Assert.Equal(1, replay.CountOf(ParallelOutcome.InvalidTransaction));
        Assert.Equal(before, follower.Executor.StateRoot());
        Assert.Empty(follower.Executor.Receipts);
    }

    [Fact]
    public void ExecuteFrag_AboveTheBlocksGas_FailsAsInOrder()
    {
        (TestChain builder, TestChain follower) = CreateTwo(Prague, coinbaseSends: false);
        Transaction[] good = [builder.Transfer(0, 0), builder.Transfer(1, 0), builder.Transfer(2, 0)];
        builder.Executor.ExecuteFrag(good);
        Transaction tooMuch = builder.Transfer(2, 0, b => b.GasLimit = builder.Parent.GasLimit - 30_000);
        using var replay = new ParallelReplay(2) { SchedulesAlways = true };
        FragResult result = follower.Executor.ExecuteFrag(
            [good[0], good[1], tooMuch], builder.Executor.LastFragAccess, replay);
        Assert.Equal((TxError.BlockGasExceeded, 2), (result.Error, result.FailedIndex));
    }

    [Fact]
    public void ExecuteFrag_DepositsBetween_AreExecutedInOrder()
    {
        (TestChain builder, TestChain follower) = CreateTwo(Isthmus, coinbaseSends: false);
        Transaction Deposit(byte number) => new TransactionBuilder
        {
            Type = TxType.Deposit,
            SourceHash = Keccak256.Hash([number]),
            DepositFrom = builder.Senders[3],
            To = builder.Senders[0],
            GasLimit = 100_000,
            Mint = 1000,
            Value = 500,
        }.Build();
        Transaction[] transactions =
        [
            Deposit(1), builder.Transfer(0, 0), builder.Transfer(1, 0), Deposit(2), builder.Transfer(2, 0),
            builder.Transfer(1, 1), builder.Transfer(3, 2),
        ];
        Assert.True(builder.Executor.ExecuteFrag(transactions).IsGood);
        using var replay = new ParallelReplay(2) { SchedulesAlways = true };
        Assert.True(follower.Executor.ExecuteFrag(transactions, builder.Executor.LastFragAccess, replay).IsGood);
        Assert.Equal(2, replay.CountOf(ParallelOutcome.Parallel));
        AssertSame(builder, follower);
    }

    [Fact]
    public void ExecuteFrag_OneChain_GoesInOrderWithoutAnAttempt()
    {
        (TestChain builder, TestChain follower) = CreateTwo(Prague, coinbaseSends: false);
        Transaction[] transactions = [.. Enumerable.Range(0, 10).Select(i => builder.Transfer(0, (ulong)i))];
        builder.Executor.ExecuteFrag(transactions);
        var editor = new ListEditor(builder.Executor.LastFragAccess!) { GasUsed = 100_000_000 };
        using var replay = new ParallelReplay(2);
        Assert.True(follower.Executor.ExecuteFrag(transactions, editor.Build(), replay).IsGood);
        Assert.Equal(1, replay.CountOf(ParallelOutcome.TooDeep));
        AssertSame(builder, follower);
    }

    [Theory]
    [InlineData(null, ParallelOutcome.TooCheap)]
    [InlineData(2_000_000UL, ParallelOutcome.Parallel)]
    public void ExecuteFrag_IndependentTransfers_InOrderUnlessTheListStatesMoreGas(
        ulong? statedGas, ParallelOutcome expected)
    {
        (TestChain builder, TestChain follower) = CreateTwo(Prague, coinbaseSends: false);
        Transaction[] transactions = [.. Enumerable.Range(0, 4).Select(i => builder.Transfer(i, 0))];
        builder.Executor.ExecuteFrag(transactions);
        var editor = new ListEditor(builder.Executor.LastFragAccess!);
        Assert.Equal(84_000UL, editor.GasUsed);
        editor.GasUsed = statedGas ?? editor.GasUsed;
        using var replay = new ParallelReplay(2);
        Assert.True(follower.Executor.ExecuteFrag(transactions, editor.Build(), replay).IsGood);
        Assert.Equal(1, replay.CountOf(expected));
        AssertSame(builder, follower);
    }

    private static (TestChain Builder, TestChain Follower) CreateTwo(ChainSpec spec, bool coinbaseSends)
    {
        TestChain[] chains = [new TestChain(spec, RandomMix.Accounts), new TestChain(spec, RandomMix.Accounts)];
        foreach (TestChain chain in chains)
        {
            RandomMix.Deploy(chain);
            BlockEnvironment env = chain.NextEnvironment();
            if (coinbaseSends) env = env with { Beneficiary = chain.Senders[0] };
            Assert.Equal(BlockError.None, chain.Executor.Begin(chain.Parent, env));
        }

        chains[0].Executor.RecordsAccess = true;
        return (chains[0], chains[1]);
    }

    private static List<Transaction> Build(TestChain builder, RandomMix mix, int count)
    {
        List<Transaction> transactions = [];
        for (int i = 0; i < count; i++)
        {
            Transaction transaction = mix.Next();
            if (builder.Executor.Execute(transaction) == TxError.None) transactions.Add(transaction);
        }

        builder.Executor.CloseFrag();
        Assert.NotEmpty(transactions);
        return transactions;
    }

    private static FragAccessList RoundTrip(FragAccessList list)
    {
        AccessListError error = AccessListCodec.TryDecode(AccessListCodec.Encode(list), out FragAccessList? decoded);
        Assert.Equal(AccessListError.None, error);
        return decoded!;
    }

    private static void AssertSame(TestChain expected, TestChain actual)
    {
        Assert.Equal(expected.Executor.StateRoot(), actual.Executor.StateRoot());
        Assert.Equal(expected.Executor.Tally, actual.Executor.Tally);
        Assert.Equal(expected.Seal().Hash, actual.Seal().Hash);
    }
}
