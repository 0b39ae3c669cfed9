namespace Fragcast.Execution.Evm;

/// <summary>How a frame ended. Everything but <see cref="Success"/> undoes the frame's changes.</summary>
public enum ExecutionStatus : byte
{
    /// <summary>STOP, RETURN or SELFDESTRUCT.</summary>
    Success,

    /// <summary>REVERT: unused gas and output are returned (EIP-140).</summary>
    Revert,

    /// <summary>Gas did not suffice. This and all that follow consume the frame's gas.</summary>
    OutOfGas,

    /// <summary>INVALID, or an instruction that does not exist in the fork.</summary>
    InvalidInstruction,

    /// <summary>An instruction found fewer words than it takes.</summary>
    StackUnderflow,

    /// <summary>More than 1,024 words.</summary>
    StackOverflow,

    /// <summary>A jump to something else than a JUMPDEST.</summary>
    BadJump,

    /// <summary>A change of state within STATICCALL.</summary>
    StaticViolation,

    /// <summary>RETURNDATACOPY past the end of the return data (EIP-211).</summary>
    ReturnDataOutOfBounds,

    /// <summary>A precompile refused its input.</summary>
    PrecompileFailure,

    /// <summary>The address of the new contract is in use (EIP-684, EIP-7610).</summary>
    CreateCollision,

    /// <summary>The new contract's code is longer than allowed (EIP-170).</summary>
    CodeTooLarge,

    /// <summary>The new contract's code starts with 0xEF (EIP-3541).</summary>
    InvalidCode,

    /// <summary>Depth above 1,024: the frame does not start, its gas is returned.</summary>
    CallTooDeep,

    /// <summary>The caller's balance does not cover the value: the frame does not start, its gas is returned.</summary>
    InsufficientBalance,
}

/// <summary>Outcome of an outermost message. The refund counter is the state's.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="GasLeft">Gas to return, zero on failure.</param>
/// <param name="Output">
/// Return data, the reason of a revert, or the code of the created contract. Valid until the next execution on the
/// machine.
/// </param>
public readonly record struct ExecutionResult(ExecutionStatus Status, long GasLeft, ReadOnlyMemory<byte> Output)
{
    /// <summary>Whether the changes stand.</summary>
    public bool IsSuccess => Status == ExecutionStatus.Success;
}
