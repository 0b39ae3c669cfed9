using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>How a frame came to be.</summary>
public enum CallKind : byte
{
    /// <summary>CALL, or a transaction with a recipient.</summary>
    Call,

    /// <summary>CALLCODE: another account's code on the caller's state.</summary>
    CallCode,

    /// <summary>DELEGATECALL: as CALLCODE, with the caller's caller and value (EIP-7).</summary>
    DelegateCall,

    /// <summary>STATICCALL: a call that must not change state (EIP-214).</summary>
    StaticCall,

    /// <summary>CREATE, or a transaction without recipient.</summary>
    Create,

    /// <summary>CREATE2 (EIP-1014).</summary>
    Create2,
}

/// <summary>
/// The outermost message of a transaction or of a system call. The sender has paid for its gas, and its nonce is
/// incremented; value is transferred by the execution.
/// </summary>
public readonly ref struct Message
{
    /// <summary><see cref="CallKind.Call"/> or <see cref="CallKind.Create"/>.</summary>
    public required CallKind Kind { get; init; }

    /// <summary>The account that calls.</summary>
    public required Address Caller { get; init; }

    /// <summary>
    /// The account that is called, or the address of the contract to create (<see cref="ContractAddress"/>).
    /// </summary>
    public required Address Recipient { get; init; }

    /// <summary>Value in wei, which the caller must have.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Call data, or the init code of the contract to create.</summary>
    public ReadOnlySpan<byte> Input { get; init; }

    /// <summary>Gas to spend, intrinsic gas already taken off.</summary>
    public required long Gas { get; init; }
}
