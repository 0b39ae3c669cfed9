using System.Diagnostics;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Parallel;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// Builds a block on a state, transaction by transaction or frag by frag, for the sequencer that chooses them and for
/// the follower that replays them. The result does not depend on where the frags are cut. One block is open at a
/// time; not thread-safe.
/// </summary>
/// <remarks>
/// <code>
/// idle --Begin--> open --Execute, CloseFrag, ExecuteFrag, RollbackLastFrag--> open
/// open --Seal--> sealed --Commit--> idle                open, sealed --Discard--> idle
/// sealed --Execute, ExecuteFrag, RollbackLastFrag--> open: what sealing did to the state is taken back
/// </code>
/// </remarks>
public sealed class BlockExecutor
{
    private readonly ChainSpec _chain;
    private readonly JournaledState _state;
    private readonly StateTrie? _trie;
    private readonly RecentBlockHashes _hashes;
    private readonly TransactionProcessor _processor;
    private readonly SystemCalls _systemCalls;
    private readonly BodyRoots _roots = new();
    private readonly FragPipeline? _pipeline;
    private readonly BlockSealer _sealer;
    private readonly ReceiptArena _encodedReceipts = new();
    private readonly List<Transaction> _transactions = [];
    private readonly List<Receipt> _receipts = [];
    private readonly List<Mark> _frags = [];
    private readonly AccessRecorder _recorder = new();
    private BlockInProgress? _block;
    private BlockTally _tally;
    private SealedBlock? _sealed;
    private int _sealWatermark;

    /// <summary>An executor on a state.</summary>
    /// <param name="chain">The chain whose rules hold.</param>
    /// <param name="state">The state, as of the parent of the first block.</param>
    /// <param name="trie">
    /// The trie that the state reads from, which takes its changes over. Without one, headers have zero for roots of
    /// state.
    /// </param>
    /// <param name="hashes">Hashes for BLOCKHASH; those of parents and committed blocks are added.</param>
    /// <param name="crew">
    /// Threads that work on each frag's outcome while the next one is executed, so that little is left for the seal;
    /// null to do all of it at the seal. The state then best reads from another trie than the one that is updated, or
    /// from tables: reads of <paramref name="trie"/> wait.
    /// </param>
    public BlockExecutor(
        ChainSpec chain, JournaledState state, StateTrie? trie, RecentBlockHashes? hashes = null,
        TrieCrew? crew = null)
        : this(chain, new EvmMachine(state), trie, hashes, crew) { }

    /// <summary>An executor on a machine that exists already, and on its state. Otherwise as the other one.</summary>
    public BlockExecutor(
        ChainSpec chain, EvmMachine machine, StateTrie? trie, RecentBlockHashes? hashes = null,
        TrieCrew? crew = null)
    {
        JournaledState state = machine.State;
        _chain = chain;
        _state = state;
        _trie = trie;
        _hashes = hashes ?? new RecentBlockHashes();
        _processor = new TransactionProcessor(machine);
        _systemCalls = new SystemCalls(machine);
        _sealer = new BlockSealer(chain, state, trie, _roots, new Requests(_systemCalls));
        _pipeline = crew is null ? null : new FragPipeline(trie, _roots, crew);
        trie?.UpdatedBy(_pipeline);
    }

    /// <summary>
    /// An executor on the part of a state that a witness has. The state reads from a trie of its own: what it does not
    /// hold is as of <paramref name="root"/>, however many blocks are built on it.
    /// </summary>
    /// <param name="chain">The chain whose rules hold.</param>
    /// <param name="witness">The witness; those of following blocks may be merged into it between blocks.</param>
    /// <param name="root">Root of the state before the first block.</param>
    /// <param name="crew">As for the other ones.</param>
    public static BlockExecutor OverWitness(ChainSpec chain, WitnessStore witness, in Hash256 root, TrieCrew? crew) =>
        new(chain, new JournaledState(new StateTrie(witness, root)), new StateTrie(witness, root, crew), null, crew);

    /// <summary>What a frag's end, or the block's start, looked like.</summary>
    private readonly record struct Mark(int Watermark, int TransactionCount, BlockTally Tally, FragPoint? Point);

    /// <summary>Whether a block is open or sealed.</summary>
    public bool IsOpen => _block is not null;

    /// <summary>The environment of the open block; null when there is none.</summary>
    public BlockEnvironment? Environment => _block?.Environment;

    /// <summary>What the transactions so far took up of the block's limits.</summary>
    public BlockTally Tally => _tally;

    /// <summary>The transactions so far.</summary>
    public IReadOnlyList<Transaction> Transactions => _transactions;

    /// <summary>Their receipts.</summary>
    public IReadOnlyList<Receipt> Receipts => _receipts;

    /// <summary>Number of frags so far that are closed.</summary>
    public int FragCount => Math.Max(_frags.Count - 1, 0);

    /// <summary>
    /// Whether what transactions access is recorded, so that frags get lists: for who builds. Changed between frags.
    /// </summary>
    public bool RecordsAccess
    {
        get => _state.RecordsAccess;
        set => _state.RecordsAccess = value;
    }

    /// <summary>
    /// What the transactions of the frag that was closed last access: as it was recorded, or the list by which they
    /// were replayed; null when it is not known.
    /// </summary>
    public FragAccessList? LastFragAccess { get; private set; }

    /// <summary>
    /// The state after the last closed frag, or after the block was opened: its commitment and its root, which are
    /// worked out in the background. Null when no block is open, or the executor has no crew.
    /// </summary>
    public FragPoint? LastPoint => _frags.Count == 0 ? null : _frags[^1].Point;

    /// <summary>
    /// Whether every frag's root is computed. If not, which is so until it is set, frags that wait for the trie are
    /// taken together: the cheaper way when frags come faster than their roots. Without a crew of no effect.
    /// </summary>
    public bool WantsRoots
    {
        get => _pipeline?.WantsRoots ?? false;
        set
        {
            _pipeline?.WaitIdle();
            if (_pipeline is not null) _pipeline.WantsRoots = value;
        }
    }

    /// <summary>The state with the transactions so far; for reading between calls.</summary>
    public JournaledState State => _state;

    /// <summary>Where EIP-3155 traces of the transactions go; null, as usually, for none.</summary>
    public TextWriter? TraceOutput
    {
        get => _processor.TraceOutput;
        set => _processor.TraceOutput = value;
    }

    /// <summary>Opens a block and makes the calls that precede its transactions.</summary>
    /// <param name="parent">Header of the block whose state this is.</param>
    /// <param name="env">What the block is to be; kept.</param>
    /// <returns>Why not; nothing is open then.</returns>
    /// <exception cref="StateUnavailableException">A partial state lacks something; nothing is open then.</exception>
    public BlockError Begin(BlockHeader parent, BlockEnvironment env)
    {
        if (IsOpen) return BlockError.BlockOpen;
        EvmSpec rules = _chain.RulesAt(env.Number, env.Timestamp);
        BlockError error = BlockRules.Check(_chain, rules, parent, env);
        if (error != BlockError.None) return error;

        BlobSchedule blobs = _chain.BlobsAt(rules.Fork, env.Timestamp);
        ulong excessBlobGas = _chain.Op is null ? blobs.ExcessAfter(rules.Fork, parent) : 0;
        Open(env, excessBlobGas);
        return BlockError.None;
    }

    /// <summary>
    /// Opens a block whose environment is taken as given, for a chain's block whose parent is not at hand. Otherwise as
    /// <see cref="Begin"/>.
    /// </summary>
    /// <param name="env">What the block is; kept.</param>
    /// <param name="excessBlobGas">The header's excess blob gas; not used before Cancun.</param>
    public void BeginUnchecked(BlockEnvironment env, ulong excessBlobGas)
    {
        if (IsOpen) throw new InvalidOperationException("A block is open.");
        Open(env, excessBlobGas);
    }

    /// <summary>
    /// Executes one more transaction; an invalid one changes nothing, and the block goes on without it.
    /// </summary>
    /// <exception cref="StateUnavailableException">
    /// A partial state lacks something; the transaction was taken back.
    /// </exception>
    public TxError Execute(Transaction transaction)
    {
        Unseal();
        TxError error = _processor.Execute(transaction, ref _tally, out TxResult result);
        if (error != TxError.None) return error;
        Log[] logs = Log.TakeFrom(_state);
        AddReceipt(transaction, result, logs, Bloom.Of(logs));
        if (RecordsAccess && !transaction.IsDeposit) _recorder.Add(_state, PositionInFrag - 1, result.GasUsed);
        return TxError.None;
    }

    /// <summary>Makes a frag of the transactions executed since the last one ended.</summary>
    public void CloseFrag()
    {
        AssertOpen();
        bool isListed = RecordsAccess && PositionInFrag is > 0 and <= FragAccessList.TransactionsMax;
        LastFragAccess = isListed ? _recorder.TakeList(_state, PositionInFrag) : null;
        _recorder.Clear();
        FragPoint? point = _pipeline?.SubmitFrag(
            _state, _frags[^1].Point!, _transactions, _encodedReceipts.Items, _frags[^1].TransactionCount);
        _frags.Add(CurrentMark(point));
    }

    /// <summary>
    /// Executes a frag: all of its transactions, or, when one of them is invalid, none, and the block is as it was
    /// before.
    /// </summary>
    /// <param name="transactions">The transactions in order; kept.</param>
    /// <exception cref="StateUnavailableException">
    /// A partial state lacks something; nothing of the frag is left.
    /// </exception>
    public FragResult ExecuteFrag(IReadOnlyList<Transaction> transactions) =>
        ExecuteFrag(transactions, access: null, replay: null);

    /// <summary>
    /// Executes a frag with the list of what its transactions access, in parallel where that is possible. The outcome
    /// is in every case that of <see cref="ExecuteFrag(IReadOnlyList{Transaction})"/>, whatever the list says.
    /// </summary>
    /// <param name="transactions">The transactions in order; kept.</param>
    /// <param name="access">What they access; null when it is not known.</param>
    /// <param name="replay">The workers, which count what became of it; null to execute in order.</param>
    /// <exception cref="StateUnavailableException">
    /// A partial state lacks something; nothing of the frag is left.
    /// </exception>
    public FragResult ExecuteFrag(
        IReadOnlyList<Transaction> transactions, FragAccessList? access, ParallelReplay? replay)
    {
        Unseal();
        Debug.Assert(_transactions.Count == _frags[^1].TransactionCount, "What came before is closed as a frag.");
        Mark before = _frags[^1];
        bool isReplayed = false;
        bool isDone = false;
        try
        {
            for (int i = 0; i < transactions.Count; i++)
            {
                int stretch = access is null || replay is null ? 0 : ParallelReplay.StretchFrom(transactions, i);
                if (stretch > 1)
                {
                    if (TryReplay(transactions, i, stretch, access!, replay!))
                    {
                        isReplayed = true;
                        i += stretch - 1;
                        continue;
                    }

                    access = null;
                }

                TxError error = Execute(transactions[i]);
                if (error != TxError.None) return new FragResult(error, i, 0);
            }

            isDone = true;
        }
        finally
        {
            if (!isDone) ReturnTo(before);
        }

        CloseFrag();

        // What was replayed has not been recorded again; the list by which it was stands for it.
        if (isReplayed) LastFragAccess = access;
        return new FragResult(TxError.None, -1, _tally.GasUsed - before.Tally.GasUsed);
    }

    /// <summary>
    /// Takes back what was executed since the last frag was closed, or when there is nothing, the last frag.
    /// </summary>
    /// <returns>False when the block has no transactions to take back.</returns>
    public bool RollbackLastFrag()
    {
        Unseal();
        if (_transactions.Count == _frags[^1].TransactionCount)
        {
            if (_frags.Count == 1) return false;
            _frags.RemoveAt(_frags.Count - 1);
        }

        ReturnTo(_frags[^1]);
        _pipeline?.SubmitRevert(_state, _transactions.Count);
        return true;
    }

    /// <summary>Brings the trie up to the transactions so far; the root of the state, zero without a trie.</summary>
    /// <exception cref="StateUnavailableException">As for <see cref="StateTrie.Update"/>.</exception>
    public Hash256 StateRoot() => _trie?.Update(_state) ?? Hash256.Zero;

    /// <summary>
    /// Finishes the block: withdrawals, requests, roots, header, hash. What it gives is kept until something else is
    /// executed.
    /// </summary>
    /// <param name="block">The block; null on an error.</param>
    /// <returns>Why the block is invalid, whatever else would follow in it; it stays open.</returns>
    /// <exception cref="StateUnavailableException">A partial state lacks something; the block stays open.</exception>
    public BlockError Seal(out SealedBlock? block)
    {
        AssertOpen();
        if (_sealed is null)
        {
            // So that the frags' commitments stay complete when the block is opened again.
            if (_pipeline is not null && _transactions.Count > _frags[^1].TransactionCount) CloseFrag();
            _pipeline?.WaitIdle();
            _sealWatermark = _state.FragWatermark();
            try
            {
                var body = new BlockBody(_transactions, _receipts, _encodedReceipts.Items, _tally);
                BlockError error = _sealer.Seal(_block!, body, out _sealed);
                if (error != BlockError.None) _state.RevertToFrag(_sealWatermark);
                block = _sealed;
                return error;
            }
            catch (StateUnavailableException)
            {
                _state.RevertToFrag(_sealWatermark);
                throw;
            }
        }

        block = _sealed;
        return BlockError.None;
    }

    /// <summary>Makes the sealed block final: the next one builds on it.</summary>
    /// <returns>The block.</returns>
    public SealedBlock Commit()
    {
        SealedBlock block = _sealed ?? throw new InvalidOperationException("Only a sealed block is committed.");
        _hashes.Add(block.Header.Number, block.Hash);
        _state.CommitBlock();
        _trie?.CommitBlock();
        Close();
        return block;
    }

    /// <summary>Gives the open block up; the state is as before it.</summary>
    public void Discard()
    {
        if (!IsOpen) return;
        ResetState();
        Close();
    }

    private void Open(BlockEnvironment env, ulong excessBlobGas)
    {
        _hashes.Add(env.Number - 1, env.ParentHash);
        EvmSpec rules = _chain.RulesAt(env.Number, env.Timestamp);
        var block = new BlockInProgress(_chain, rules, env, excessBlobGas, _hashes);
        _processor.BeginBlock(block.Context, block.Blobs);
        try
        {
            _systemCalls.BeforeTransactions(block.Context, env.ParentHash, env.ParentBeaconBlockRoot);
        }
        catch (StateUnavailableException)
        {
            ResetState();
            throw;
        }

        _block = block;
        _frags.Add(CurrentMark(_pipeline?.SubmitOpening(_state, env.ParentHash, env.Number)));
    }

    /// <summary>Replays a stretch in parallel; false when that did not succeed, and nothing has changed.</summary>
    private bool TryReplay(
        IReadOnlyList<Transaction> transactions, int start, int count, FragAccessList access, ParallelReplay replay)
    {
        var stretch = new Stretch(transactions, start, count, access);
        if (replay.Execute(_processor, _state, stretch, _tally) != ParallelOutcome.Parallel) return false;
        for (int i = 0; i < count; i++)
        {
            ref readonly TxResult result = ref replay.ResultOf(i);
            _tally.Add(result);
            AddReceipt(transactions[start + i], result, replay.LogsOf(i), replay.BloomOf(i));
        }

        return true;
    }

    private void Unseal()
    {
        AssertOpen();
        if (_sealed is null) return;
        _state.RevertToFrag(_sealWatermark);
        _pipeline?.SubmitRevert(_state, _transactions.Count);
        _sealed = null;
    }

    private void ReturnTo(in Mark mark)
    {
        _state.RevertToFrag(mark.Watermark);
        _transactions.RemoveRange(mark.TransactionCount, _transactions.Count - mark.TransactionCount);
        _receipts.RemoveRange(mark.TransactionCount, _receipts.Count - mark.TransactionCount);
        _encodedReceipts.Truncate(mark.TransactionCount);
        _tally = mark.Tally;
        if (_pipeline is null) _roots.Truncate(mark.TransactionCount);
        _processor.OnRollback();
        _recorder.Clear();
        LastFragAccess = null;
    }

    private void AddReceipt(Transaction transaction, in TxResult result, Log[] logs, in Bloom bloom)
    {
        bool hasDepositNonce = transaction.IsDeposit && _block!.Context.Spec.OpFork >= OpFork.Canyon;
        var receipt = new Receipt(logs, bloom)
        {
            Transaction = transaction,
            Success = result.IsSuccess,
            GasUsed = result.GasUsed,
            CumulativeGasUsed = _tally.GasUsed,
            EffectiveGasPrice = result.EffectiveGasPrice,
            ContractAddress = result.ContractAddress,
            BlobGasUsed = result.BlobGasUsed,
            L1Fee = result.L1Fee,
            OperatorFee = result.OperatorFee,
            DepositNonce = hasDepositNonce ? result.DepositNonce : null,
        };
        _transactions.Add(transaction);
        _receipts.Add(receipt);
        _encodedReceipts.Add(receipt);
    }

    private Mark CurrentMark(FragPoint? point) => new(_state.FragWatermark(), _transactions.Count, _tally, point);

    /// <summary>Undoes the block in the state, and in the trie if that has taken some of it over.</summary>
    private void ResetState()
    {
        _state.RevertBlock();
        _trie?.Update(_state);
        _state.CommitBlock();
        _trie?.CommitBlock();
    }

    private void Close()
    {
        _pipeline?.WaitIdle();
        _roots.Truncate(0);
        _block = null;
        _sealed = null;
        _tally = default;
        _frags.Clear();
        _transactions.Clear();
        _receipts.Clear();
        _encodedReceipts.Truncate(0);
        _recorder.Clear();
    }

    /// <summary>Number of transactions since the last frag was closed.</summary>
    private int PositionInFrag => _transactions.Count - _frags[^1].TransactionCount;

    private void AssertOpen()
    {
        if (_block is null) throw new InvalidOperationException("No block is open.");
    }
}
