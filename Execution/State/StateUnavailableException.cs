using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>
/// A partial state (a witness, a pruned trie) lacks what execution asked for. The transaction under way can't be
/// judged; the caller reverts to its last checkpoint and obtains the missing part or gives the block up.
/// </summary>
public sealed class StateUnavailableException : Exception
{
    /// <summary>A state that lacks something unnamed.</summary>
    public StateUnavailableException()
        : this("the state is not available") { }

    /// <summary>A state that lacks what <paramref name="message"/> names.</summary>
    public StateUnavailableException(string message)
        : base(message) { }

    /// <summary>A state that lacks something because of <paramref name="inner"/>.</summary>
    public StateUnavailableException(string message, Exception inner)
        : base(message, inner) { }

    /// <summary>A state that lacks the trie node or code with the given hash.</summary>
    public StateUnavailableException(string what, in Hash256 hash)
        : base($"the state lacks {what} {hash}") => Hash = hash;

    /// <summary>Hash of the missing trie node or code; zero when it is not known.</summary>
    public Hash256 Hash { get; }
}
