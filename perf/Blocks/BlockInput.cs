using System.Diagnostics;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Perf.Evm;
using Fragcast.Primitives;

namespace Fragcast.Perf.Blocks;

/// <summary>A real block as it arrives: raw transactions, on the state of its parent.</summary>
internal sealed class BlockInput
{
    private const ulong RiseChainId = 4153;

    private readonly BlockFixture _fixture;

    /// <summary>Takes the raw transactions of a block that was read.</summary>
    public BlockInput(BlockFixture fixture)
    {
        _fixture = fixture;
        RawTransactions = [.. fixture.Transactions.Select(transaction => transaction.Raw)];
        ulong number = fixture.Environment.Number;
        Name = fixture.Chain.ChainId == RiseChainId ? $"rise-{number}" : $"chain-{fixture.Chain.ChainId}-{number}";
    }

    /// <summary>A short name for figures.</summary>
    public string Name { get; }

    /// <summary>Whether this is the block of RISE, for which there is a goal.</summary>
    public bool IsRise => _fixture.Chain.ChainId == RiseChainId;

    /// <summary>The transactions in EIP-2718 form, in order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> RawTransactions { get; }

    /// <summary>The hash on the real chain.</summary>
    public Hash256 ExpectedHash => _fixture.ExpectedHash;

    /// <summary>The blob parameters.</summary>
    public BlobSchedule Blobs => _fixture.Chain.BlobsAt(Rules.Fork, _fixture.Environment.Timestamp);

    private EvmSpec Rules => _fixture.Chain.RulesAt(_fixture.Environment.Number, _fixture.Environment.Timestamp);

    /// <summary>The state before the block.</summary>
    public IStateSource CreateSource() =>
        _fixture is RealBlock real ? new StateTrie(real.Witness, real.Parent.StateRoot) : ((RpcBlock)_fixture).State;

    /// <summary>What transactions see of the block, for runs without an executor.</summary>
    public BlockContext CreateContext()
    {
        BlockEnvironment environment = _fixture.Environment;
        RecentBlockHashes hashes = new();
        hashes.Add(environment.Number - 1, environment.ParentHash);
        return new BlockContext
        {
            Spec = Rules,
            ChainId = _fixture.Chain.ChainId,
            Number = environment.Number,
            Timestamp = environment.Timestamp,
            Coinbase = environment.Beneficiary,
            GasLimit = environment.GasLimit,
            BaseFee = environment.BaseFee ?? UInt256.Zero,
            BlobBaseFee = UInt256.One,
            PrevRandao = environment.PrevRandao.ToUInt256(),
            BlockHashes = hashes,
        };
    }

    /// <summary>An executor on the state before the block, of which nothing is resident.</summary>
    /// <param name="tier">How it executes, one of <see cref="TierNames.All"/>.</param>
    public (BlockExecutor Executor, TimedSource Source) CreateExecutor(string tier)
    {
        IStateSource state = CreateSource();
        TimedSource source = new(state);
        EvmMachine machine = new(new JournaledState(source));
        TierNames.Select(machine, tier);
        return (new BlockExecutor(_fixture.Chain, machine, state as StateTrie), source);
    }

    /// <summary>Opens the block.</summary>
    public void Begin(BlockExecutor executor)
    {
        if (_fixture is RealBlock real)
        {
            BlockError error = executor.Begin(real.Parent, real.Environment);
            if (error != BlockError.None) throw new PerfDataException($"{Name} can't begin: {error}");
            return;
        }

        executor.BeginUnchecked(_fixture.Environment, excessBlobGas: 0);
    }

    /// <summary>
    /// The hash of what came out. Without proofs the roots of the state do not come out: the hash is that with the
    /// roots that are stated, which still binds gas, receipts, bloom and transactions.
    /// </summary>
    public Hash256 HashOf(SealedBlock done)
    {
        Debug.Assert(done.Header.Number == _fixture.Environment.Number, "This is the block that was opened.");
        return _fixture is RpcBlock { Header: var stated }
            ? (done.Header with { StateRoot = stated.StateRoot, WithdrawalsRoot = stated.WithdrawalsRoot }).Hash
            : done.Hash;
    }
}

/// <summary>A source that adds up the time that reading takes: two looks at the clock a value.</summary>
internal sealed class TimedSource(IStateSource inner) : IStateSource
{
    /// <summary>Ticks of the stopwatch spent reading since the last <see cref="Restart"/>.</summary>
    public long Ticks { get; private set; }

    /// <summary>Values read since then.</summary>
    public long Reads { get; private set; }

    /// <summary>Counts from zero.</summary>
    public void Restart() => (Ticks, Reads) = (0, 0);

    public bool TryGetAccount(in Address address, out AccountData account)
    {
        long start = Stopwatch.GetTimestamp();
        bool exists = inner.TryGetAccount(address, out account);
        Count(start);
        return exists;
    }

    public UInt256 GetStorage(in Address address, in UInt256 key)
    {
        long start = Stopwatch.GetTimestamp();
        UInt256 value = inner.GetStorage(address, key);
        Count(start);
        return value;
    }

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash)
    {
        long start = Stopwatch.GetTimestamp();
        ReadOnlyMemory<byte> code = inner.GetCode(codeHash);
        Count(start);
        return code;
    }

    private void Count(long start)
    {
        Ticks += Stopwatch.GetTimestamp() - start;
        Reads++;
    }
}
