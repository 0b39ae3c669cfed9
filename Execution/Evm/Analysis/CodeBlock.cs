namespace Fragcast.Execution.Evm.Analysis;

/// <summary>How a basic block ends.</summary>
internal enum BlockEnd : byte
{
    /// <summary>The next block follows, because a JUMPDEST or the longest block's end is there.</summary>
    FallThrough,

    /// <summary>
    /// The next block follows; the last instruction depends on the exact gas (GAS, SSTORE, EXTCODECOPY).
    /// </summary>
    Split,

    /// <summary>JUMP.</summary>
    Jump,

    /// <summary>JUMPI; the next block follows when it does not jump.</summary>
    JumpI,

    /// <summary>STOP, or the end of the code.</summary>
    Stop,

    /// <summary>RETURN.</summary>
    Return,

    /// <summary>REVERT.</summary>
    Revert,

    /// <summary>An instruction that the fork does not have; it is not counted in the block's gas and stack.</summary>
    Invalid,

    /// <summary>SELFDESTRUCT.</summary>
    SelfDestruct,

    /// <summary>CALL, CALLCODE, DELEGATECALL or STATICCALL; the frame is resumed at the next block.</summary>
    Call,

    /// <summary>CREATE or CREATE2; the frame is resumed at the next block.</summary>
    Create,
}

/// <summary>
/// A basic block: code that runs from its first instruction to its last unless an instruction fails. What is required
/// of gas and stack at its start is what its instructions require one after the other, but for gas that depends on
/// operands or state. If a requirement is not met, the frame fails within the block.
/// </summary>
internal readonly struct CodeBlock(
    int start, int end, int gas, short stackNeeded, short stackGrowth, short stackChange, BlockEnd kind)
{
    /// <summary>Offset of the first instruction.</summary>
    public readonly int Start = start;

    /// <summary>
    /// Offset after the last instruction and its immediate; beyond the code if that cuts the immediate off.
    /// </summary>
    public readonly int End = end;

    /// <summary>Static gas of all instructions.</summary>
    public readonly int Gas = gas;

    /// <summary>Words that must be on the stack.</summary>
    public readonly short StackNeeded = stackNeeded;

    /// <summary>By how many words the stack is higher within the block than at its start, at most.</summary>
    public readonly short StackGrowth = stackGrowth;

    /// <summary>By how many words the stack is higher after the block; may be negative.</summary>
    public readonly short StackChange = stackChange;

    /// <summary>How it ends.</summary>
    public readonly BlockEnd Kind = kind;

    /// <summary>Whether execution may go on with the block that follows in the code.</summary>
    public bool HasNext => Kind is BlockEnd.FallThrough or BlockEnd.Split or BlockEnd.JumpI or BlockEnd.Call
        or BlockEnd.Create;
}
