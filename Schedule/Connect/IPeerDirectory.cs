using Fragcast.Primitives;

namespace Fragcast.Schedule.Connect;

/// <summary>
/// What the membership part knows: which node a leader is, and who relays for it. Implemented as a struct, so that
/// calls need no dispatch.
/// </summary>
public interface IPeerDirectory
{
    /// <summary>The node whose signed record claims the address; negative when there is none yet.</summary>
    int NodeOf(in Address sequencer);

    /// <summary>The nodes that relay a leader's first chunks.</summary>
    /// <param name="leader">The leader's node.</param>
    /// <param name="relays">Takes the relays; as many as fit.</param>
    /// <returns>How many were written.</returns>
    int RelaysOf(int leader, Span<int> relays);
}
