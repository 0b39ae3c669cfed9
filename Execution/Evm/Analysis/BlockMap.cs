using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Evm.Analysis;

/// <summary>
/// The basic blocks of a code under the instructions of a fork, in the order of the code. Every valid jump destination
/// and every place where a frame is resumed after a call starts a block. Immutable; may be read by any thread.
/// </summary>
/// <remarks>
/// A block ends after GAS and SSTORE, which see the gas, and after EXTCODECOPY, which charges in two steps: so they,
/// like calls and creations, find exactly the gas that the byte-wise interpreter has when the block's static gas was
/// charged at its start. Every other instruction that fails for lack of gas has changed nothing by then and may be
/// executed again, with the gas of the rest of the block given back.
/// </remarks>
internal sealed unsafe class BlockMap
{
    /// <summary>
    /// Instructions of a block at most, so that sums fit their fields and no block is too long to compile.
    /// </summary>
    public const int InstructionsMax = 256;

    private readonly CodeBlock[] _blocks;

    // Which bytes start a block, and how many do before each 64 bytes.
    private readonly ulong[] _starts;
    private readonly int[] _ranks;

    private BlockMap(InstructionTable instructions, CodeBlock[] blocks, ulong[] starts)
    {
        Instructions = instructions;
        _blocks = blocks;
        _starts = starts;
        _ranks = new int[starts.Length];
        var rank = 0;
        for (var i = 0; i < starts.Length; i++)
        {
            _ranks[i] = rank;
            rank += BitOperations.PopCount(starts[i]);
        }

        Debug.Assert(rank == blocks.Length, "every block has its start");
    }

    /// <summary>The instructions that the gas and the ends are of.</summary>
    public InstructionTable Instructions { get; }

    /// <summary>The blocks; at least one.</summary>
    public ReadOnlySpan<CodeBlock> Blocks => _blocks;

    /// <summary>Finds the blocks of a code, which zeros follow as in <see cref="CodeEntry"/>.</summary>
    public static BlockMap Of(ReadOnlySpan<byte> code, InstructionTable instructions)
    {
        var starts = new ulong[(code.Length >> 6) + 1];
        var blocks = new CodeBlock[Math.Max(4, code.Length / 16)];
        var count = 0;
        var pc = 0;
        do
        {
            if (count == blocks.Length)
            {
                Array.Resize(ref blocks, count * 2);
            }

            var block = Scan(code, pc, instructions);
            blocks[count++] = block;
            starts[pc >> 6] |= 1UL << pc;
            pc = block.End;
        }
        while (pc < code.Length);
        Array.Resize(ref blocks, count);
        return new BlockMap(instructions, blocks, starts);
    }

    /// <summary>Number of the block that starts at an offset within the code, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IndexAt(int pc)
    {
        var bits = _starts[pc >> 6];
        var bit = 1UL << pc;
        return (bits & bit) == 0 ? -1 : _ranks[pc >> 6] + BitOperations.PopCount(bits & (bit - 1));
    }

    private static CodeBlock Scan(ReadOnlySpan<byte> code, int start, InstructionTable instructions)
    {
        var (pc, gas, height, needed, growth) = (start, 0, 0, 0, 0);
        for (var count = 0; pc < code.Length; count++)
        {
            var op = (Opcode)code[pc];
            if ((op == Opcode.JumpDest && pc != start) || count == InstructionsMax)
            {
                return Block(BlockEnd.FallThrough);
            }

            if (!instructions.Exists(op))
            {
                pc++;
                return Block(BlockEnd.Invalid);
            }

            var check = instructions.Checks[(int)op];
            gas += check.Gas;
            needed = Math.Max(needed, (check.StackInBytes / InstructionTable.WordSize) - height);
            height += instructions.Growth[(int)op];
            growth = Math.Max(growth, height);
            pc += op is >= Opcode.Push1 and <= Opcode.Push32 ? (int)op - (int)Opcode.Push0 + 1 : 1;
            if (EndBy(op) is { } kind)
            {
                return Block(kind);
            }
        }

        return Block(BlockEnd.Stop);

        CodeBlock Block(BlockEnd kind) =>
            new(start, pc, gas, (short)needed, (short)growth, (short)height, kind);
    }

    private static BlockEnd? EndBy(Opcode op) => op switch
    {
        Opcode.Jump => BlockEnd.Jump,
        Opcode.JumpI => BlockEnd.JumpI,
        Opcode.Gas or Opcode.SStore or Opcode.ExtCodeCopy => BlockEnd.Split,
        Opcode.Call or Opcode.CallCode or Opcode.DelegateCall or Opcode.StaticCall => BlockEnd.Call,
        Opcode.Create or Opcode.Create2 => BlockEnd.Create,
        Opcode.Stop => BlockEnd.Stop,
        Opcode.Return => BlockEnd.Return,
        Opcode.Revert => BlockEnd.Revert,
        Opcode.SelfDestruct => BlockEnd.SelfDestruct,
        _ => null,
    };
}
