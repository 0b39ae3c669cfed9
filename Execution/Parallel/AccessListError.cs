namespace Fragcast.Execution.Parallel;

/// <summary>Why bytes are no access list of a frag.</summary>
public enum AccessListError : byte
{
    /// <summary>They are one.</summary>
    None = 0,

    /// <summary>More bytes than a list may have.</summary>
    TooLong,

    /// <summary>Not the canonical RLP of the list's form.</summary>
    Malformed,

    /// <summary>More transactions than a frag may have, or none.</summary>
    BadTransactionCount,

    /// <summary>Addresses, or the keys of an account's slots, do not ascend.</summary>
    NotSorted,

    /// <summary>An account or a slot that no transaction uses.</summary>
    NoUses,

    /// <summary>A use that is not in its shortest form, is cut off, or has an unknown or impossible kind.</summary>
    BadUse,

    /// <summary>A use by a transaction behind the frag's last.</summary>
    TransactionOutOfRange,

    /// <summary>More or fewer values than are announced.</summary>
    WrongValueCount,

    /// <summary>A slot is used by a transaction that has no use of its account.</summary>
    SlotWithoutAccount,
}
