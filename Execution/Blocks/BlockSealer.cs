using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>The transactions of a block and what came of them.</summary>
internal readonly record struct BlockBody(
    List<Transaction> Transactions, List<Receipt> Receipts, ReceiptArena.ItemList EncodedReceipts, BlockTally Tally);

/// <summary>What comes after the last transaction: withdrawals, requests, the roots and the header.</summary>
internal sealed class BlockSealer(
    ChainSpec chain, JournaledState state, StateTrie? trie, BodyRoots roots, Requests requests)
{
    private static readonly UInt256 WeiPerGwei = 1_000_000_000;

    private readonly OrderedTrieRoot _orderedRoot = new();

    /// <summary>
    /// Finishes a block. The state is changed by withdrawals and requests; on an error the caller reverts.
    /// </summary>
    public BlockError Seal(BlockInProgress block, in BlockBody body, out SealedBlock? result)
    {
        result = null;
        EvmSpec rules = block.Context.Spec;
        BlockEnvironment env = block.Environment;
        ApplyWithdrawals(env);
        BlockError error = HashRequests(block.Context, body.Receipts, out Hash256? requestsHash);
        if (error != BlockError.None) return error;
        Hash256 stateRoot = trie?.Update(state) ?? Hash256.Zero;
        bool hasBlobFields = rules.Fork >= Fork.Cancun;
        var header = new BlockHeader
        {
            ParentHash = env.ParentHash,
            Beneficiary = env.Beneficiary,
            StateRoot = stateRoot,
            TransactionsRoot = roots.OfTransactions(body.Transactions),
            ReceiptsRoot = roots.OfReceipts(body.EncodedReceipts),
            LogsBloom = BloomOf(body.Receipts),
            Difficulty = env.Difficulty,
            Number = env.Number,
            GasLimit = env.GasLimit,
            GasUsed = body.Tally.GasUsed,
            Timestamp = env.Timestamp,
            ExtraData = env.ExtraData,
            MixHash = env.PrevRandao,
            BaseFeePerGas = env.BaseFee,
            WithdrawalsRoot = WithdrawalsRoot(rules, env),
            BlobGasUsed = hasBlobFields ? body.Tally.BlobGasUsed + body.Tally.Footprint : null,
            ExcessBlobGas = block.ExcessBlobGas,
            ParentBeaconBlockRoot = env.ParentBeaconBlockRoot,
            RequestsHash = requestsHash,
        };
        result = new SealedBlock(header, header.Hash, [.. body.Transactions], [.. body.Receipts], env.Withdrawals);
        return BlockError.None;
    }

    /// <summary>The requests hash from Prague on; OP-stack chains have no requests.</summary>
    private BlockError HashRequests(BlockContext context, List<Receipt> receipts, out Hash256? result)
    {
        result = null;
        if (context.Spec.Fork < Fork.Prague) return BlockError.None;
        Hash256 hash = Requests.HashOfNone;
        BlockError error = chain.Op is null ? requests.Collect(context, chain, receipts, out hash) : BlockError.None;
        result = hash;
        return error;
    }

    private void ApplyWithdrawals(BlockEnvironment env)
    {
        if (env.Withdrawals is not { Count: > 0 } withdrawals) return;
        state.BeginTransaction();
        for (int i = 0; i < withdrawals.Count; i++)
            state.AddBalance(state.Account(withdrawals[i].Address), WeiPerGwei * withdrawals[i].AmountGwei);
        state.EndTransaction();
    }

    /// <summary>
    /// Of the withdrawals (EIP-4895); on OP-stack chains from Isthmus on, the storage root of the contract in which
    /// withdrawals to L1 are noted.
    /// </summary>
    private Hash256? WithdrawalsRoot(EvmSpec rules, BlockEnvironment env)
    {
        if (env.Withdrawals is not { } withdrawals) return null;
        if (rules.OpFork >= OpFork.Isthmus)
            return trie?.StorageRootOf(state, state.Account(OpAddresses.MessagePasser)) ?? Hash256.Zero;
        var encoded = new ReadOnlyMemory<byte>[withdrawals.Count];
        for (int i = 0; i < encoded.Length; i++) encoded[i] = withdrawals[i].Encode();
        return _orderedRoot.Compute(encoded);
    }

    private static byte[] BloomOf(List<Receipt> receipts)
    {
        Bloom bloom = default;
        foreach (Receipt receipt in receipts) bloom.Add(receipt.Bloom);
        return bloom.Bytes.ToArray();
    }
}
