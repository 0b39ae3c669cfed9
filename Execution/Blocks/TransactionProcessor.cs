using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// Executes transactions one after the other within a block: checks them, takes and pays fees, sets delegations,
/// calls the EVM, and knows the OP-stack's deposits and fees. Not thread-safe.
/// </summary>
public sealed class TransactionProcessor
{
    private readonly EvmMachine _machine;
    private readonly JournaledState _state;
    private readonly OpFees _opFees;
    private BlockContext _block;
    private BlobSchedule _blobs;

    /// <summary>A processor that executes on a machine, and on its state.</summary>
    public TransactionProcessor(EvmMachine machine)
    {
        _machine = machine;
        _state = machine.State;
        _opFees = new OpFees(_state);
        _block = new BlockContext { Spec = EvmSpec.For(Fork.Frontier) };
    }

    /// <summary>
    /// Where EIP-3155 traces of transactions that are executed without a tracer go; null, as usually, for none.
    /// </summary>
    public TextWriter? TraceOutput { get; set; }

    /// <summary>Starts a block.</summary>
    /// <param name="block">What transactions see of it, and its rules.</param>
    /// <param name="blobs">Its blob parameters; those of its upgrade are <see cref="BlobSchedule.Of"/>.</param>
    public void BeginBlock(BlockContext block, in BlobSchedule blobs)
    {
        _block = block;
        _blobs = blobs;
        _opFees.Begin(block.Spec.OpFork);
    }

    /// <summary>
    /// Whether the fees of the block's recipients stay in the result, to be paid by somebody else, instead of being
    /// paid at the end of the transaction.
    /// </summary>
    internal bool DefersFees { get; init; }

    /// <summary>The block that was begun.</summary>
    internal BlockContext Block => _block;

    /// <summary>
    /// Starts a stretch of transactions, none of them a deposit, of the block that another processor is in.
    /// </summary>
    internal void Follow(TransactionProcessor other)
    {
        _block = other._block;
        _blobs = other._blobs;
        _opFees.Follow(other._opFees);
    }

    /// <summary>Whether the block's limits have room for a transaction that was executed.</summary>
    internal bool HasRoom(Transaction transaction, in TxResult result, in BlockTally tally)
    {
        var fees = new TxFees { BlobGas = result.BlobGasUsed, Footprint = result.Footprint };
        return TxValidator.CheckLimits(transaction, _block, _blobs, fees, tally) == TxError.None;
    }

    /// <summary>
    /// Works out now what transactions derive from the L1 attributes, as the next one would.
    /// </summary>
    internal void LoadFees()
    {
        if (_block.Spec.OpFork != OpFork.None) _opFees.Load();
    }

    /// <summary>Transactions of the block were taken back: forgets what was derived from them.</summary>
    public void OnRollback() => _opFees.Invalidate();

    /// <summary>
    /// Executes a transaction, as <see cref="Execute{TTracer}"/>, without a tracer, or with one that writes to <see
    /// cref="TraceOutput"/>.
    /// </summary>
    public TxError Execute(Transaction transaction, ref BlockTally tally, out TxResult result)
    {
        if (TraceOutput is not null) return ExecuteTraced(transaction, ref tally, out result);
        NoTracer none = default;
        return Execute(transaction, ref tally, ref none, out result);
    }

    /// <summary>Executes a transaction in the block.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="tally">What the block's transactions took up before it; its own share is added.</param>
    /// <param name="tracer">Hears of each step.</param>
    /// <param name="result">How it ended; of no meaning on an error.</param>
    /// <returns>Why it can't be part of the block; state and tally then are as before.</returns>
    /// <exception cref="StateUnavailableException">
    /// A partial state lacks something; the transaction was taken back.
    /// </exception>
    public TxError Execute<TTracer>(
        Transaction transaction, ref BlockTally tally, ref TTracer tracer, out TxResult result)
        where TTracer : struct, ITracer
    {
        result = default;
        _state.BeginTransaction();
        bool isDone = false;
        try
        {
            TxError error = transaction.IsDeposit
                ? ExecuteDeposit(transaction, tally, ref tracer, ref result)
                : ExecuteSigned(transaction, tally, ref tracer, ref result);
            if (error != TxError.None) return error;
            _state.EndTransaction(_block.Spec.Fork >= Fork.SpuriousDragon);
            isDone = true;
        }
        finally
        {
            if (!isDone) _state.AbortTransaction();
        }

        if (transaction.IsDeposit) _opFees.Invalidate();
        tally.Add(result);
        return TxError.None;
    }

    private TxError ExecuteTraced(Transaction transaction, ref BlockTally tally, out TxResult result)
    {
        var tracer = new Eip3155Tracer(TraceOutput!);
        TxError error = Execute(transaction, ref tally, ref tracer, out result);
        if (error == TxError.None)
            Eip3155Tracer.WriteSummary(TraceOutput!, result.Output.Span, result.GasUsed, result.Status);
        return error;
    }

    private TxError ExecuteSigned<TTracer>(
        Transaction transaction, in BlockTally tally, ref TTracer tracer, ref TxResult result)
        where TTracer : struct, ITracer
    {
        TxFees fees = default;
        if (TxValidator.CheckForm(transaction, _block, _blobs, ref fees) is var form and not TxError.None) return form;
        if (!transaction.TryRecoverSender(out Address address)) return TxError.BadSignature;
        if (_block.Spec.OpFork != OpFork.None) AddOpFees(transaction, ref fees);
        TxError error = TxValidator.CheckLimits(transaction, _block, _blobs, fees, tally);
        if (error != TxError.None) return error;
        int sender = _state.Account(address);
        error = TxValidator.CheckSender(transaction, _state, sender, fees);
        if (error != TxError.None) return error;

        _state.SubBalance(sender, fees.Prepayment(transaction, _block.BlobBaseFee));
        _state.SetNonce(sender, transaction.Nonce + 1);
        Warm(transaction, sender);
        SetCodeAuthorizations.Apply(transaction, _block, _state);
        if (transaction.IsCreate) result.ContractAddress = ContractAddress.FromNonce(address, transaction.Nonce);
        Call(transaction, address, fees, ref tracer, ref result);
        Settle(transaction, sender, fees, ref result);
        return TxError.None;
    }

    /// <summary>
    /// A deposit is always part of the block: what is minted stays, and a deposit that fails or that can't even begin
    /// still uses up a nonce. It pays for nothing. (OP specification, "Deposits")
    /// </summary>
    private TxError ExecuteDeposit<TTracer>(
        Transaction transaction, in BlockTally tally, ref TTracer tracer, ref TxResult result)
        where TTracer : struct, ITracer
    {
        if (_block.Spec.OpFork == OpFork.None) return TxError.UnsupportedType;
        if (transaction.GasLimit > TxValidator.GasLimitMax) return TxError.GasLimitTooHigh;
        if (transaction.GasLimit > _block.GasLimit - tally.GasUsed) return TxError.BlockGasExceeded;
        Address address = transaction.Sender!.Value;
        int sender = _state.Account(address);
        _state.AddBalance(sender, transaction.Mint);
        result.DepositNonce = _state.Nonce(sender);
        _state.SetNonce(sender, result.DepositNonce + 1);
        if (transaction.IsCreate) result.ContractAddress = ContractAddress.FromNonce(address, result.DepositNonce);

        TxFees fees = default;
        result.Status = CheckDeposit(transaction, sender, ref fees);
        if (result.IsSuccess)
        {
            Warm(transaction, sender);
            Call(transaction, address, fees, ref tracer, ref result);
        }
        else
            result.GasUsed = transaction.GasLimit;

        return TxError.None;
    }

    /// <summary>Whether a deposit can begin. System transactions ended with Regolith.</summary>
    private ExecutionStatus CheckDeposit(Transaction transaction, int sender, ref TxFees fees)
    {
        if (TxValidator.CheckGas(transaction, _block.Spec.Fork, ref fees) != TxError.None || transaction.IsSystemTx)
            return ExecutionStatus.OutOfGas;
        return _state.Balance(sender) < transaction.Value
            ? ExecutionStatus.InsufficientBalance
            : ExecutionStatus.Success;
    }

    /// <summary>Calls the EVM and works out the gas used.</summary>
    private void Call<TTracer>(
        Transaction transaction, in Address sender, in TxFees fees, ref TTracer tracer, ref TxResult result)
        where TTracer : struct, ITracer
    {
        var message = new Message
        {
            Kind = transaction.IsCreate ? CallKind.Create : CallKind.Call,
            Caller = sender,
            Recipient = transaction.To ?? result.ContractAddress!.Value,
            Value = transaction.Value,
            Input = transaction.Data.Span,
            Gas = (long)(transaction.GasLimit - fees.IntrinsicGas),
        };
        var context = new TxContext
        {
            Origin = sender,
            GasPrice = fees.GasPrice,
            BlobHashes = transaction.BlobHashes,
        };
        ExecutionResult execution = _machine.Execute(message, _block, context, ref tracer);
        result.Status = execution.Status;
        result.Output = execution.Output;

        ulong used = transaction.GasLimit - (ulong)execution.GasLeft;
        ulong refundCap = used / (_block.Spec.Fork >= Fork.London ? 5UL : 2UL);
        result.GasRefunded = Math.Min((ulong)Math.Max(_state.Refund, 0), refundCap);
        result.GasUsed = Math.Max(used - result.GasRefunded, fees.FloorGas);
    }

    /// <summary>Returns what was paid for gas that was not used, and hands the fees over.</summary>
    private void Settle(Transaction transaction, int sender, in TxFees fees, ref TxResult result)
    {
        ulong gasLeft = transaction.GasLimit - result.GasUsed;
        result.EffectiveGasPrice = fees.GasPrice;
        result.BlobGasUsed = fees.BlobGas;
        result.Footprint = fees.Footprint;
        UInt256 giveBack = fees.GasPrice * gasLeft;
        if (_block.Spec.OpFork != OpFork.None)
        {
            result.L1Fee = fees.L1Fee;
            result.OperatorFee = _opFees.OperatorFee(result.GasUsed);
            giveBack += fees.OperatorFee - result.OperatorFee;
        }

        result.PriorityFee = fees.Tip * result.GasUsed;
        _state.AddBalance(sender, giveBack);
        _state.SealAccess();
        if (!DefersFees) PayRecipients(result);
    }

    private void PayRecipients(in TxResult result)
    {
        _state.AddBalance(_state.Account(_block.Coinbase), result.PriorityFee);
        if (_block.Spec.OpFork == OpFork.None) return;
        _state.AddBalance(_state.Account(OpAddresses.BaseFeeVault), _block.BaseFee * result.GasUsed);
        _state.AddBalance(_state.Account(OpAddresses.L1FeeVault), result.L1Fee);
        if (_block.Spec.OpFork >= OpFork.Isthmus)
            _state.AddBalance(_state.Account(OpAddresses.OperatorFeeVault), result.OperatorFee);
    }

    private void AddOpFees(Transaction transaction, ref TxFees fees)
    {
        OpFork fork = _block.Spec.OpFork;
        ulong estimatedSize = fork >= OpFork.Fjord ? _opFees.EstimatedSize(transaction) : 0;
        fees.L1Fee = _opFees.L1Fee(transaction, estimatedSize);
        fees.OperatorFee = _opFees.OperatorFee(transaction.GasLimit);
        fees.Footprint = _opFees.Footprint(estimatedSize);
    }

    /// <summary>
    /// What is warm from the start (EIP-2929, EIP-2930, EIP-3651). The machine treats precompiles, a contract that is
    /// created and the target of a delegation so by itself.
    /// </summary>
    private void Warm(Transaction transaction, int sender)
    {
        Fork fork = _block.Spec.Fork;
        if (fork < Fork.Berlin) return;
        _state.WarmAccount(sender);
        if (transaction.To is { } to) _state.WarmAccount(_state.Account(to));
        if (fork >= Fork.Shanghai) _state.WarmAccount(_state.Account(_block.Coinbase));
        foreach (ref readonly AccessListEntry entry in transaction.AccessList.AsSpan())
        {
            int account = _state.Account(entry.Address);
            _state.WarmAccount(account);
            foreach (ref readonly UInt256 key in entry.StorageKeys.AsSpan())
                _state.WarmSlot(_state.Slot(account, key));
        }
    }
}
