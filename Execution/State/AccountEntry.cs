using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>Facts about an account that a frame or a frag may take back.</summary>
[Flags]
internal enum AccountFlags : byte
{
    None = 0,

    /// <summary>The account is part of the state.</summary>
    Exists = 1,

    /// <summary>
    /// The source holds no storage that is still valid for the account: it never had any, or it was wiped. Slots that
    /// are not resident are zero.
    /// </summary>
    SourceStorageGone = 2,

    /// <summary>
    /// SELFDESTRUCT took effect in the current transaction; the account goes at the transaction's end.
    /// </summary>
    Destroyed = 4,
}

/// <summary>
/// A resident account. Two cache lines; the first holds what a call or a balance read needs. Epochs are compared with
/// the state's counters, so that a new transaction or block resets all of them by one increment.
/// </summary>
internal struct AccountEntry
{
    public Address Address;
    public uint WarmEpoch;
    public UInt256 Balance;
    public ulong Nonce;

    // Index into the code store; 0 is the empty code.
    public int Code;
    public AccountFlags Flags;

    // Beside the flags, so that the entry has two cache lines.
    public AccountAccess Access;

    // Transaction in which the account was created as a contract (EIP-6780).
    public uint CreatedEpoch;

    // Newest slot of the account that is resident, or -1; slots link to the next older one.
    public int FirstSlot;

    // Change period and block in which the account was last noted as changed.
    public uint ChangeEpoch;
    public uint BlockEpoch;

    // Transaction whose accesses Access holds.
    public uint AccessEpoch;

    // Change period in which the account was last removed.
    public uint RemovedEpoch;
    public Hash256 StorageRoot;
}
