using Fragcast.Execution.Fixtures;
using Fragcast.Node.Cli;

namespace Fragcast.Node;

/// <summary>
/// The blocks that a replayed chain consists of. Consecutive blocks form a segment, which runs on one state; each run
/// of a segment is an epoch, which starts on fresh state.
/// </summary>
internal sealed class ChainPlan
{
    private readonly RealBlock[][] _segments;
    private readonly int _repeat;

    private ChainPlan(RealBlock[][] segments, int repeat)
    {
        _segments = segments;
        _repeat = repeat;
        RealBlock first = segments[0][0];
        NetworkId = Gossip.Wire.NetworkId.Of(first.Chain.ChainId, first.Environment.ParentHash);
    }

    /// <summary>Names the network of everybody who has this plan.</summary>
    public ulong NetworkId { get; }

    /// <summary>Runs of consecutive blocks.</summary>
    public int SegmentCount => _segments.Length;

    /// <summary>Epochs in all repetitions.</summary>
    public uint EpochCount => (uint)(_segments.Length * _repeat);

    /// <summary>Blocks in all repetitions.</summary>
    public int BlocksInAll => _segments.Sum(s => s.Length) * _repeat;

    /// <summary>Reads the files.</summary>
    /// <param name="files">Block files in order.</param>
    /// <param name="repeat">How often the list is run.</param>
    /// <exception cref="FixtureException">A file cannot be read, or is damaged.</exception>
    /// <exception cref="OperatorException">The blocks are of different chains.</exception>
    public static ChainPlan Load(IReadOnlyList<string> files, int repeat)
    {
        var segments = new List<List<RealBlock>>();
        RealBlock? last = null;
        foreach (string file in files)
        {
            RealBlock block = RealBlock.Read(file);
            if (last is not null && block.Chain.ChainId != last.Chain.ChainId)
            {
                throw new OperatorException(
                    $"{file} is a block of chain {block.Chain.ChainId}, the one before of chain {last.Chain.ChainId}");
            }

            if (last is null || block.Environment.ParentHash != last.ExpectedHash)
            {
                segments.Add([]);
            }

            segments[^1].Add(block);
            last = block;
        }

        return new ChainPlan(segments.Select(s => s.ToArray()).ToArray(), repeat);
    }

    /// <summary>The blocks of an epoch, consecutive.</summary>
    public IReadOnlyList<RealBlock> BlocksOf(uint epoch) => _segments[epoch % (uint)_segments.Length];

    /// <summary>Every block of every epoch in order, with the hash that it has on the real chain.</summary>
    public IEnumerable<(uint Epoch, ulong Number, string Hash)> ExpectedBlocks()
    {
        for (uint epoch = 0; epoch < EpochCount; epoch++)
        {
            foreach (RealBlock block in BlocksOf(epoch))
            {
                yield return (epoch, block.Environment.Number, block.ExpectedHash.ToString());
            }
        }
    }
}
