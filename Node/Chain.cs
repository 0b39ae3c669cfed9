using Fragcast.Execution.Blocks;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Gossip;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Node;

/// <summary>
/// The chain that a node is on: its head, its state, and the partial block on top. Speaks in messages: what the network
/// sent is applied or refused with a reason, what this node builds comes out as messages. One thread.
/// </summary>
/// <remarks>
/// <code>
/// state     event                           next
/// Head      Open, OpenOwn                   Partial
/// Partial   Apply, ApplyOwn                 Partial, longer; or as it was, when refused
/// Partial   Commit (refused)                Partial, as it was
/// Partial   Commit, CommitOwn               Head, one further
/// Partial   TakeBackFrag                    Partial, a frag shorter
/// any       Discard                         Head, as it was
/// Head      StartNextEpoch                  Head of the next epoch on fresh state; the last epoch's stays
/// </code>
/// </remarks>
internal sealed class Chain
{
    private readonly ChainPlan _plan;
    private readonly TrieCrew? _crew;
    private IReadOnlyList<RealBlock> _blocks;
    private BlockExecutor _executor;

    /// <summary>Starts at the first epoch.</summary>
    /// <param name="plan">The blocks.</param>
    /// <param name="crew">Threads that hash in the background; null for none.</param>
    public Chain(ChainPlan plan, TrieCrew? crew = null)
    {
        _plan = plan;
        _crew = crew;
        (_blocks, _executor, Head) = Start(epoch: 0);
        HeadHash = Head.Hash;
    }

    /// <summary>Names the network that is on this chain.</summary>
    public ulong NetworkId => _plan.NetworkId;

    /// <summary>How often the chain was started anew.</summary>
    public uint Epoch { get; private set; }

    /// <summary>Header of the last committed block.</summary>
    public BlockHeader Head { get; private set; }

    /// <summary>Its hash.</summary>
    public Hash256 HeadHash { get; private set; }

    /// <summary>Its number.</summary>
    public ulong HeadNumber => Head.Number;

    /// <summary>Whether nothing of the epoch is committed yet.</summary>
    public bool IsAtStartOfEpoch => HeadNumber == _blocks[0].Parent.Number;

    /// <summary>Whether the last block of the epoch is committed.</summary>
    public bool IsAtEndOfEpoch => HeadNumber == _blocks[^1].Environment.Number;

    /// <summary>Whether the last block of the last epoch is committed.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Blob gas of the partial block so far; 0 on an OP-stack chain before Jovian.</summary>
    public ulong OpenBlobGasUsed => _executor.Tally.BlobGasUsed;

    /// <summary>Opens the partial block that an Env describes.</summary>
    public Refusal Open(EnvV0 env)
    {
        try
        {
            return _executor.Begin(Head, BlockEnvironment.FromMessage(env)) == BlockError.None
                ? Refusal.None
                : Refusal.BadEnv;
        }
        catch (StateUnavailableException)
        {
            return Refusal.StateUnavailable;
        }
    }

    /// <summary>Appends a frag's transactions, all or none.</summary>
    public Refusal Apply(Transaction[] transactions)
    {
        try
        {
            return _executor.ExecuteFrag(transactions).IsGood ? Refusal.None : Refusal.InvalidTransaction;
        }
        catch (StateUnavailableException)
        {
            return Refusal.StateUnavailable;
        }
    }

    /// <summary>Compares the partial block with a seal, field by field, and commits it when all are equal.</summary>
    public Refusal Commit(SealV0 seal)
    {
        try
        {
            if (_executor.Seal(out SealedBlock? block) != BlockError.None || block is null)
            {
                return Refusal.InvalidTransaction;
            }

            Refusal difference = Compare(seal, block);
            if (difference == Refusal.None)
            {
                Commit();
            }

            return difference;
        }
        catch (StateUnavailableException)
        {
            return Refusal.StateUnavailable;
        }
    }

    /// <summary>Takes the last frag of the partial block back; what stood before it stands.</summary>
    public void TakeBackFrag() => _executor.RollbackLastFrag();

    /// <summary>Gives the partial block up, if there is one.</summary>
    public void Discard() => _executor.Discard();

    /// <summary>Transactions for the next block, in order, as the pool has them.</summary>
    public Transaction[] PoolOfNextBlock() => [.. NextBlock.Transactions];

    /// <summary>Opens the partial block that this node is going to build.</summary>
    /// <exception cref="InvalidOperationException">The block's own environment breaks the chain's rules.</exception>
    public EnvV0 OpenOwn()
    {
        BlockEnvironment environment = NextBlock.Environment;
        BlockError error = _executor.Begin(Head, environment);
        return error == BlockError.None
            ? MessageOf(environment)
            : throw new InvalidOperationException($"block {environment.Number} cannot be opened: {error}");
    }

    /// <summary>Appends those of the transactions that are valid where they stand, as one frag.</summary>
    /// <returns>The transactions that were appended.</returns>
    public IReadOnlyList<Transaction> ApplyOwn(ReadOnlySpan<Transaction> transactions)
    {
        var included = new List<Transaction>(transactions.Length);
        foreach (Transaction transaction in transactions)
        {
            if (_executor.Execute(transaction) == TxError.None)
            {
                included.Add(transaction);
            }
        }

        _executor.CloseFrag();
        return included;
    }

    /// <summary>Seals and commits the block that this node built.</summary>
    /// <param name="totalFrags">How many frags it was cut into.</param>
    /// <exception cref="InvalidOperationException">The block cannot be sealed.</exception>
    public SealV0 CommitOwn(ulong totalFrags)
    {
        BlockError error = _executor.Seal(out SealedBlock? block);
        if (block is null)
        {
            throw new InvalidOperationException($"block {HeadNumber + 1} cannot be sealed: {error}");
        }

        Commit();
        return SealOf(block, totalFrags);
    }

    /// <summary>Starts the next epoch on fresh state, or notes that all are through.</summary>
    public void StartNextEpoch()
    {
        if (Epoch + 1 == _plan.EpochCount)
        {
            IsFinished = true;
            return;
        }

        Epoch++;
        (_blocks, _executor, Head) = Start(Epoch);
        HeadHash = Head.Hash;
    }

    /// <summary>The seal that announces a block.</summary>
    internal static SealV0 SealOf(SealedBlock block, ulong totalFrags) => new()
    {
        TotalFrags = totalFrags,
        BlockNumber = block.Header.Number,
        GasUsed = block.Header.GasUsed,
        GasLimit = block.Header.GasLimit,
        ParentHash = block.Header.ParentHash,
        TransactionsRoot = block.Header.TransactionsRoot,
        ReceiptsRoot = block.Header.ReceiptsRoot,
        StateRoot = block.Header.StateRoot,
        BlockHash = block.Hash,
        BlobGasUsed = block.Header.BlobGasUsed ?? 0,
    };

    private RealBlock NextBlock => _blocks[(int)(HeadNumber - _blocks[0].Parent.Number)];

    private static EnvV0 MessageOf(BlockEnvironment environment) => new()
    {
        Number = environment.Number,
        ParentHash = environment.ParentHash,
        Beneficiary = environment.Beneficiary,
        Timestamp = environment.Timestamp,
        GasLimit = environment.GasLimit,
        BaseFee = (ulong)(environment.BaseFee ?? UInt256.Zero),
        Difficulty = environment.Difficulty,
        PrevRandao = environment.PrevRandao,
        ExtraData = environment.ExtraData,
        ParentBeaconBlockRoot = environment.ParentBeaconBlockRoot ?? Hash256.Zero,
    };

    private static Refusal Compare(SealV0 seal, SealedBlock block)
    {
        BlockHeader header = block.Header;
        return seal.ParentHash != header.ParentHash ? Refusal.SealParentHash
            : seal.GasUsed != header.GasUsed ? Refusal.SealGasUsed
            : seal.GasLimit != header.GasLimit ? Refusal.SealGasLimit
            : seal.BlobGasUsed != (header.BlobGasUsed ?? 0) ? Refusal.SealBlobGasUsed
            : seal.TransactionsRoot != header.TransactionsRoot ? Refusal.SealTransactionsRoot
            : seal.ReceiptsRoot != header.ReceiptsRoot ? Refusal.SealReceiptsRoot
            : seal.StateRoot != header.StateRoot ? Refusal.SealStateRoot
            : seal.BlockHash != block.Hash ? Refusal.SealBlockHash
            : Refusal.None;
    }

    private void Commit()
    {
        SealedBlock block = _executor.Commit();
        Head = block.Header;
        HeadHash = block.Hash;
    }

    private (IReadOnlyList<RealBlock> Blocks, BlockExecutor Executor, BlockHeader Head) Start(uint epoch)
    {
        IReadOnlyList<RealBlock> blocks = _plan.BlocksOf(epoch);
        var witness = new WitnessStore();
        foreach (RealBlock block in blocks)
        {
            witness.Merge(block.Witness);
        }

        BlockExecutor executor =
            BlockExecutor.OverWitness(blocks[0].Chain, witness, blocks[0].Parent.StateRoot, _crew);
        return (blocks, executor, blocks[0].Parent);
    }
}
