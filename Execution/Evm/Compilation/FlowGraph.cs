using Fragcast.Execution.Evm.Analysis;

namespace Fragcast.Execution.Evm.Compilation;

/// <summary>
/// Where the paths of a code meet, as far as literal destinations tell: heads of loops, and blocks that several jumps
/// or fall-throughs reach. There a region writes the stack to memory, so that all paths share the code that follows;
/// elsewhere a path goes on with what it knows, and has the code for itself.
/// </summary>
/// <remarks>
/// A jump from a block that leaves a destination on the stack is taken for the call of a function: the function does
/// not count as reached by it, so that it is compiled into its callers, and the code behind the call counts as
/// reached from the calling block, so that loops with calls in them are found.
/// </remarks>
internal sealed class FlowGraph
{
    private readonly BlockMap _map;
    private readonly bool[] _meets;

    public FlowGraph(ReadOnlySpan<byte> code, BlockMap map)
    {
        _map = map;
        _meets = new bool[map.Blocks.Length];
        var successors = new int[map.Blocks.Length][];
        var reached = new int[map.Blocks.Length];
        for (var i = 0; i < successors.Length; i++)
        {
            successors[i] = FindSuccessors(code, i, reached);
        }

        for (var i = 0; i < reached.Length; i++)
        {
            _meets[i] = reached[i] > 1;
        }

        MarkLoops(successors);
    }

    /// <summary>Whether paths meet at a block.</summary>
    public bool IsMeeting(int block) => _meets[block];

    /// <summary>The value of a PUSH if it is a jump destination, else -1.</summary>
    public static int DestinationOf(ReadOnlySpan<byte> code, int pc, BlockMap map)
    {
        var length = code[pc] - (int)Opcode.Push0;
        if (length is < 1 or > 3 || pc + length >= code.Length)
        {
            return -1;
        }

        var value = 0;
        for (var i = 1; i <= length; i++)
        {
            value = (value << 8) | code[pc + i];
        }

        return IsDestination(code, value, map) ? value : -1;
    }

    /// <summary>Whether a jump to an offset is valid.</summary>
    public static bool IsDestination(ReadOnlySpan<byte> code, int offset, BlockMap map) =>
        (uint)offset < (uint)code.Length && code[offset] == (byte)Opcode.JumpDest && map.IndexAt(offset) >= 0;

    private int[] FindSuccessors(ReadOnlySpan<byte> code, int index, int[] reached)
    {
        ref readonly var block = ref _map.Blocks[index];
        var successors = new List<int>();
        var (last, target) = (-1, -1);
        for (var pc = block.Start; pc < Math.Min(block.End, code.Length); pc++)
        {
            var op = (Opcode)code[pc];
            if (op is Opcode.Jump or Opcode.JumpI)
            {
                (target, last) = (last, -1);
                continue;
            }

            AddReturn(last);
            last = op is >= Opcode.Push1 and <= Opcode.Push32 ? DestinationOf(code, pc, _map) : -1;
            pc += op is >= Opcode.Push1 and <= Opcode.Push32 ? (int)op - (int)Opcode.Push0 : 0;
        }

        AddReturn(last);
        var isCall = successors.Count > 0;
        if (target >= 0)
        {
            var next = _map.IndexAt(target);
            successors.Add(next);
            reached[next] += isCall ? 0 : 1;
        }

        if (block.Kind is BlockEnd.FallThrough or BlockEnd.Split or BlockEnd.JumpI && index + 1 < _map.Blocks.Length)
        {
            successors.Add(index + 1);
            reached[index + 1]++;
        }

        return [.. successors];

        void AddReturn(int destination)
        {
            if (destination >= 0)
            {
                successors.Add(_map.IndexAt(destination));
            }
        }
    }

    // Depth first; an edge to a block that is being visited closes a loop.
    private void MarkLoops(int[][] successors)
    {
        const byte Open = 1;
        const byte Done = 2;
        var colours = new byte[successors.Length];
        var path = new Stack<(int Block, int Next)>();
        for (var root = 0; root < successors.Length; root++)
        {
            if (colours[root] != 0)
            {
                continue;
            }

            colours[root] = Open;
            path.Push((root, 0));
            while (path.TryPop(out var step))
            {
                if (step.Next == successors[step.Block].Length)
                {
                    colours[step.Block] = Done;
                    continue;
                }

                path.Push((step.Block, step.Next + 1));
                var next = successors[step.Block][step.Next];
                _meets[next] |= colours[next] == Open;
                if (colours[next] == 0)
                {
                    colours[next] = Open;
                    path.Push((next, 0));
                }
            }
        }
    }
}
