using System.Runtime.InteropServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>
/// A row of the instruction table. <see cref="Body"/> is null for the instructions that steer the program counter or
/// end the frame, and for the hottest ones: tiers have those in their own loops.
/// </summary>
internal readonly unsafe struct Instruction(
    Opcode code,
    string name,
    ushort gas,
    byte stackIn,
    byte stackOut,
    Fork since,
    delegate*<Frame, UInt256*, long, long> body)
{
    public readonly Opcode Code = code;
    public readonly string Name = name;

    /// <summary>Gas that is always charged; what depends on operands or warmth is charged by the body.</summary>
    public readonly ushort Gas = gas;
    public readonly byte StackIn = stackIn;
    public readonly byte StackOut = stackOut;
    public readonly Fork Since = since;

    /// <summary>
    /// Executes the instruction on a stack whose top is the second argument; the third is the gas left, the result the
    /// gas left after it or a <see cref="Fault"/>. The caller moves the stack's top.
    /// </summary>
    public readonly delegate*<Frame, UInt256*, long, long> Body = body;
}

/// <summary>
/// What the loop checks before an instruction, for one load and one compare each of gas and stack: the stack holds h
/// bytes; h - <see cref="StackInBytes"/> as an unsigned number must not exceed <see cref="StackSpan"/>, which fails on
/// underflow (negative), on overflow, and always for an instruction that does not exist.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal readonly struct InstructionCheck(ushort gas, ushort stackInBytes, uint stackSpan)
{
    public readonly ushort Gas = gas;
    public readonly ushort StackInBytes = stackInBytes;
    public readonly uint StackSpan = stackSpan;
}

/// <summary>
/// Failures as negative gas, so that a body returns both in one register. Any negative value that is not one of these
/// means that gas did not suffice.
/// </summary>
internal static class Fault
{
    public const long OutOfGas = long.MinValue + (long)ExecutionStatus.OutOfGas;
    public const long InvalidInstruction = long.MinValue + (long)ExecutionStatus.InvalidInstruction;
    public const long StaticViolation = long.MinValue + (long)ExecutionStatus.StaticViolation;
    public const long ReturnDataOutOfBounds = long.MinValue + (long)ExecutionStatus.ReturnDataOutOfBounds;
    public const long PrecompileFailure = long.MinValue + (long)ExecutionStatus.PrecompileFailure;

    /// <summary>The status that negative gas stands for.</summary>
    public static ExecutionStatus StatusOf(long fault) =>
        fault < long.MinValue + 64 ? (ExecutionStatus)(fault - long.MinValue) : ExecutionStatus.OutOfGas;
}
