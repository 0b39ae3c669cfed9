using Fragcast.Primitives;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// What is known of the state after a frag, or after a block was opened. Worked out in the background, in order; asking
/// for it waits. Any thread may ask.
/// </summary>
public sealed class FragPoint
{
    private readonly FragPipeline _pipeline;
    private Hash256 _commitment;
    private Hash256? _stateRoot;
    private volatile bool _isReady;

    internal FragPoint(FragPipeline pipeline) => _pipeline = pipeline;

    /// <summary>Whether asking does not wait any more.</summary>
    public bool IsReady => _isReady;

    /// <summary>
    /// Commits to all changes of the block so far, frag by frag (docs/protocol.md, "Commitment to the state"): equal on
    /// two nodes exactly when all frags up to this one had the same effect.
    /// </summary>
    public Hash256 Commitment
    {
        get
        {
            Wait();
            return _commitment;
        }
    }

    /// <summary>
    /// Root of the state; null when there is no trie, when a witness lacks a node that this point needs and the end of
    /// the block does not, or when the trie was behind and took several frags together
    /// (<see cref="BlockExecutor.WantsRoots"/>).
    /// </summary>
    public Hash256? StateRoot
    {
        get
        {
            Wait();
            return _stateRoot;
        }
    }

    /// <summary>Sets the values, before anybody sees that they are there.</summary>
    internal void Set(in Hash256 commitment, Hash256? stateRoot)
    {
        _commitment = commitment;
        _stateRoot = stateRoot;

        // A release: whoever reads true sees the values.
        _isReady = true;
    }

    private void Wait()
    {
        if (!_isReady) _pipeline.WaitFor(this);
    }
}
