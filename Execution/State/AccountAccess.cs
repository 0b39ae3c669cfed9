namespace Fragcast.Execution.State;

/// <summary>
/// What a transaction did with an account, beside its storage. Existence is no field of its own: from EIP-161 on an
/// account exists if and only if one of the fields is not empty.
/// </summary>
[Flags]
public enum AccountAccess : byte
{
    /// <summary>None of the fields; some of its slots were accessed.</summary>
    None = 0,

    /// <summary>The balance influenced the result.</summary>
    BalanceRead = 1,

    /// <summary>
    /// The balance changed. Without <see cref="BalanceRead"/> something was added to it, whatever it was: additions
    /// commute.
    /// </summary>
    BalanceWrite = 2,

    /// <summary>The nonce influenced the result.</summary>
    NonceRead = 4,

    /// <summary>The nonce changed; only together with <see cref="NonceRead"/>.</summary>
    NonceWrite = 8,

    /// <summary>The code, or whether there is one, influenced the result.</summary>
    CodeRead = 16,

    /// <summary>The code changed; only together with <see cref="CodeRead"/>.</summary>
    CodeWrite = 32,

    /// <summary>All fields were read.</summary>
    AllRead = BalanceRead | NonceRead | CodeRead,

    /// <summary>All fields were read and changed.</summary>
    All = AllRead | BalanceWrite | NonceWrite | CodeWrite,
}
