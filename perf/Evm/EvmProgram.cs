using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Perf.Evm;

/// <summary>An account before a program runs.</summary>
internal sealed record ProgramAccount(
    Address Address, UInt256 Balance, ulong Nonce, byte[] Code, IReadOnlyList<(UInt256 Key, UInt256 Value)> Storage);

/// <summary>A benchmark: one transaction on a small state.</summary>
internal sealed record EvmProgram
{
    /// <summary>The collection that it is from: one of <see cref="ProgramSuites"/>.</summary>
    public required string Suite { get; init; }

    /// <summary>Name within the suite; of a file with several inputs, "file/input".</summary>
    public required string Name { get; init; }

    /// <summary>The block that the transaction sees.</summary>
    public required BlockContext Block { get; init; }

    /// <summary>The state before.</summary>
    public required IReadOnlyList<ProgramAccount> Accounts { get; init; }

    /// <summary>
    /// The transaction. Where the program states only a sender and no key, a deposit, which needs no signature and
    /// executes like any other transaction.
    /// </summary>
    public required Transaction Transaction { get; init; }

    /// <summary>Root of the state afterwards, where the program states it.</summary>
    public Hash256? StateRoot { get; init; }

    /// <summary>Keccak-256 of the RLP of the logs, where the program states it.</summary>
    public Hash256? LogsHash { get; init; }

    /// <summary>"suite/name".</summary>
    public string FullName => $"{Suite}/{Name}";

    /// <summary>The state before, as a source.</summary>
    public MemoryStateSource ToSource()
    {
        MemoryStateSource source = new();
        foreach (ProgramAccount account in Accounts)
        {
            source.SetAccount(account.Address, account.Balance, account.Nonce, account.Code);
            foreach ((UInt256 key, UInt256 value) in account.Storage)
                source.SetStorage(account.Address, key, value);
        }

        return source;
    }

    /// <summary>Writes the state before into an empty one, as a transaction of its own.</summary>
    public void WriteTo(JournaledState state)
    {
        state.BeginTransaction();
        foreach (ProgramAccount account in Accounts)
        {
            int handle = state.Account(account.Address);
            state.SetBalance(handle, account.Balance);
            state.SetNonce(handle, account.Nonce);
            state.SetCode(handle, account.Code);
            foreach ((UInt256 key, UInt256 value) in account.Storage)
                state.SetSlot(state.Slot(handle, key), value);
        }

        state.EndTransaction(deleteEmpty: false);
    }

    /// <summary>The blob parameters of the block's rules.</summary>
    public BlobSchedule Blobs => BlobSchedule.Of(Block.Spec.Fork);
}

/// <summary>The collections of programs, and where they lie in the data.</summary>
internal static class ProgramSuites
{
    public const string Main = "ipsilon-main";
    public const string Micro = "ipsilon-micro";
    public const string Revmc = "revmc";
    public const string Revme = "revme";
    public const string Eest = "eest";

    /// <summary>Name and folder of each; the first ones are those with goals.</summary>
    public static IReadOnlyList<(string Name, string Folder)> All { get; } =
    [
        (Main, "ipsilon/main/"),
        (Revmc, "revmc-data/"),
        (Micro, "ipsilon/micro/"),
        (Revme, "revm-revme/"),
        (Eest, "eest-benchmark/"),
    ];

    /// <summary>The suites that have goals, and that are part of the project.</summary>
    public static IReadOnlyList<string> WithGoals { get; } = [Main, Revmc];
}
