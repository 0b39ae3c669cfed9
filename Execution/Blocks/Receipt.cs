using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Blocks;

/// <summary>A log that a transaction left.</summary>
/// <param name="Address">The account that logged.</param>
/// <param name="Topics">Up to four topics.</param>
/// <param name="Data">The log's data.</param>
public sealed record Log(Address Address, Hash256[] Topics, byte[] Data)
{
    /// <summary>Copies of the logs that a state's last transaction left.</summary>
    internal static Log[] TakeFrom(JournaledState state)
    {
        if (state.LogCount == 0) return [];
        var logs = new Log[state.LogCount];
        for (int i = 0; i < logs.Length; i++)
        {
            LogView log = state.Log(i);
            logs[i] = new Log(log.Address, log.Topics.ToArray(), log.Data.ToArray());
        }

        return logs;
    }
}

/// <summary>What remains of an executed transaction: its receipt, and what RPC shows beside it. Immutable.</summary>
public sealed class Receipt
{
    /// <summary>Version that deposit receipts state from Canyon on.</summary>
    public const ulong DepositVersion = 1;

    private Bloom _bloom;

    internal Receipt(Log[] logs, in Bloom bloom)
    {
        Logs = logs;
        _bloom = bloom;
    }

    /// <summary>The transaction.</summary>
    public required Transaction Transaction { get; init; }

    /// <summary>Whether it succeeded; a transaction that failed is part of the block all the same.</summary>
    public required bool Success { get; init; }

    /// <summary>Gas it used, after refunds.</summary>
    public required ulong GasUsed { get; init; }

    /// <summary>Gas used by the block up to and with it.</summary>
    public required ulong CumulativeGasUsed { get; init; }

    /// <summary>The logs, none if it failed.</summary>
    public Log[] Logs { get; }

    /// <summary>Bloom filter of the logs.</summary>
    public ref readonly Bloom Bloom => ref _bloom;

    /// <summary>Price paid in wei for each unit of gas; zero for deposits.</summary>
    public UInt256 EffectiveGasPrice { get; init; }

    /// <summary>The contract that it created, whether or not that succeeded; null for a call.</summary>
    public Address? ContractAddress { get; init; }

    /// <summary>Gas of its blobs.</summary>
    public ulong BlobGasUsed { get; init; }

    /// <summary>Fee for data on L1 in wei (OP-stack).</summary>
    public UInt256 L1Fee { get; init; }

    /// <summary>Operator fee in wei for the gas used (OP-stack, Isthmus).</summary>
    public UInt256 OperatorFee { get; init; }

    /// <summary>Nonce of a deposit's sender before it, from Canyon on; null for others.</summary>
    public ulong? DepositNonce { get; init; }

    /// <summary>
    /// Appends the EIP-2718 form: what the receipts trie of the block holds. Deposits have their nonce and version in
    /// it.
    /// </summary>
    public void WriteTo(ref RlpWriter writer)
    {
        if (Transaction.Type != TxType.Legacy) writer.WriteRaw([(byte)Transaction.Type]);
        int logsLength = 0;
        foreach (Log log in Logs) logsLength += RlpLength.OfList(LengthOf(log));
        int length = 1 + RlpLength.Of(CumulativeGasUsed) + RlpLength.Of(Bloom.Bytes) + RlpLength.OfList(logsLength);
        if (DepositNonce is { } nonce) length += RlpLength.Of(nonce) + RlpLength.Of(DepositVersion);

        writer.StartList(length);
        writer.Write(Success ? 1UL : 0UL);
        writer.Write(CumulativeGasUsed);
        writer.Write(Bloom.Bytes);
        writer.StartList(logsLength);
        foreach (Log log in Logs) Write(ref writer, log);
        if (DepositNonce is { } depositNonce)
        {
            writer.Write(depositNonce);
            writer.Write(DepositVersion);
        }
    }

    private static int LengthOf(Log log) =>
        (1 + Address.Size) + RlpLength.OfList(log.Topics.Length * (1 + Hash256.Size)) + RlpLength.Of(log.Data);

    private static void Write(ref RlpWriter writer, Log log)
    {
        writer.StartList(LengthOf(log));
        writer.Write(log.Address);
        writer.StartList(log.Topics.Length * (1 + Hash256.Size));
        foreach (ref readonly Hash256 topic in log.Topics.AsSpan()) writer.Write(topic);
        writer.Write(log.Data);
    }
}
