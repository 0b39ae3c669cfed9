using System.Runtime.InteropServices;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>
/// What an operation of the decoded stream does. D is where its result goes, A and B are its operands: stack words
/// relative to the top of the stack at the trace's start. C stands for a constant: a pointer to a word, or where
/// said the number itself.
/// </summary>
internal enum OpCode : ushort
{
    /// <summary>
    /// Checks stack and gas of a trace: A bytes needed, B of span, gas and offset in the immediate. D counts entries.
    /// </summary>
    Enter,

    /// <summary>As <see cref="Enter"/> of a trace that is there as compiled code.</summary>
    EnterCompiled,

    // Stack traffic that is left: D = A, exchange of D and A, D = the number, D = C.
    Move, Swap, SetSmall, SetWord,

    // Ends of a trace. D is by how many bytes the stack's top moved.
    Exit, ExitLinked, ExitDynamic, ExitIfDynamic, Call, Fail, Stop, Return, Revert, SelfDestruct,

    // Side exits: to the immediate's operations if the condition holds, else D gas is charged. With a constant, the
    // pointer to it is the immediate of the next operation's place.
    IfZero, IfNotZero, IfLess, IfNotLess, IfEqual, IfNotEqual,
    IfLessC, IfNotLessC, IfGreaterC, IfNotGreaterC, IfEqualC, IfNotEqualC,

    // D = A op B, or A op C.
    Add, AddC, Sub, SubC, SubFromC, Mul, MulC, Div, DivC,
    Less, LessC, GreaterC, SignedLess, Equal, EqualC, IsZero,
    And, AndC, Or, OrC, Xor, Not, ShiftLeft, ShiftLeftN, ShiftRight, ShiftRightN, ShiftArithmetic,

    // N: offsets are numbers in the immediate.
    MemoryLoad, MemoryLoadN, MemoryStore, MemoryStoreN, Keccak, KeccakN, CallDataLoad, SLoad,

    // Charge the gas in the immediate for what follows them.
    SStore, Gas,

    // Bodies of the instruction table: none, one (A), or several operands (below A, in order), result in D.
    Body0, Body1, BodyN, BodyNoResult,
}

/// <summary>An operation of the decoded stream. D, A and B are in bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct Op
{
    public OpCode Code;
    public short D;
    public short A;
    public short B;
    public ulong Immediate;
}
