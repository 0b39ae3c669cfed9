using Fragcast.Execution.Evm;
using Fragcast.Execution.Evm.Analysis;

namespace Fragcast.Execution.Tests.Evm.Analysis;

public class BlockMapTests
{
    private static InstructionTable Prague => EvmSpec.For(Fork.Prague).Instructions;

    [Fact]
    public void Of_EmptyCode_OneBlockThatStops()
    {
        var block = Assert.Single(BlockMap.Of([], Prague).Blocks.ToArray());
        Assert.Equal((0, 0, 0, BlockEnd.Stop), (block.Start, block.End, block.Gas, block.Kind));
    }

    [Fact]
    public void Of_JumpDestWithinBlock_SplitsBeforeIt()
    {
        // PUSH1 5B, JUMPDEST, POP, STOP: the immediate is no destination.
        var map = BlockMap.Of(new Code().Push(0x5B).Op(Opcode.JumpDest, Opcode.Pop, Opcode.Stop).Bytes, Prague);
        Assert.Equal([BlockEnd.FallThrough, BlockEnd.Stop], Kinds(map));
        Assert.Equal([0, -1, 1, -1, -1], Enumerable.Range(0, 5).Select(map.IndexAt));
        Assert.Equal((3, 3), (map.Blocks[0].Gas, map.Blocks[1].Gas));
    }

    [Fact]
    public void Of_StackTraffic_NeedGrowthAndChange()
    {
        // POP POP PUSH1 PUSH1 PUSH1 ADD: needs 2, goes to -2, then to +1, ends at 0.
        var code = new Code().Op(Opcode.Pop, Opcode.Pop).Args(1, 2, 3).Op(Opcode.Add).Bytes;
        var block = Assert.Single(BlockMap.Of(code, Prague).Blocks.ToArray());
        Assert.Equal((2, 1, 0), (block.StackNeeded, block.StackGrowth, block.StackChange));
        Assert.Equal(2 + 2 + 3 + 3 + 3 + 3, block.Gas);
    }

    [Fact]
    public void Of_InstructionsThatSeeGas_EndTheirBlocks()
    {
        var code = new Code()
            .Op(Opcode.Gas, Opcode.SStore, Opcode.ExtCodeCopy, Opcode.StaticCall, Opcode.Create2, Opcode.JumpI)
            .Op(Opcode.Jump, Opcode.Revert, Opcode.Return, Opcode.SelfDestruct)
            .Raw(0x0C)
            .Bytes;
        Assert.Equal(
            [
                BlockEnd.Split, BlockEnd.Split, BlockEnd.Split, BlockEnd.Call, BlockEnd.Create, BlockEnd.JumpI,
                BlockEnd.Jump, BlockEnd.Revert, BlockEnd.Return, BlockEnd.SelfDestruct, BlockEnd.Invalid,
            ],
            Kinds(BlockMap.Of(code, Prague)));
    }

    [Fact]
    public void Of_ImmediateBeyondTheCode_StopsAfterIt()
    {
        var block = Assert.Single(BlockMap.Of([0x7F, 1], Prague).Blocks.ToArray());
        Assert.Equal((33, BlockEnd.Stop, 1), (block.End, block.Kind, block.StackChange));
    }

    [Fact]
    public void Of_InstructionOfALaterFork_IsInvalid()
    {
        byte[] code = [0x5F, 0x00];
        Assert.Equal([BlockEnd.Stop], Kinds(BlockMap.Of(code, Prague)));
        Assert.Equal(
            [BlockEnd.Invalid, BlockEnd.Stop], Kinds(BlockMap.Of(code, EvmSpec.For(Fork.London).Instructions)));
    }

    [Fact]
    public void Of_LongRun_IsCutIntoBlocks()
    {
        var code = new byte[BlockMap.InstructionsMax * 3];
        Array.Fill(code, (byte)Opcode.Push0);
        var map = BlockMap.Of(code, Prague);
        Assert.Equal([BlockEnd.FallThrough, BlockEnd.FallThrough, BlockEnd.Stop], Kinds(map));
        Assert.Equal(2, map.IndexAt(BlockMap.InstructionsMax * 2));
    }

    private static BlockEnd[] Kinds(BlockMap map) => [.. map.Blocks.ToArray().Select(b => b.Kind)];
}
