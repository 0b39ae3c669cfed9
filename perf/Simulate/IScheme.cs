namespace Fragcast.Perf.Simulate;

/// <summary>
/// A way to bring items to all nodes. One object stands for all nodes; calls for different nodes may come from
/// different threads at once, so that a call touches nothing but its node's state and what never changes.
/// </summary>
internal interface IScheme
{
    /// <summary>Its name in reports and on the command line.</summary>
    string Name { get; }

    /// <summary>Prepares all nodes, before anything happens.</summary>
    void Start(Simulation simulation);

    /// <summary>A leader publishes an item.</summary>
    void Publish(Lane lane, int node, int item, long nowNs);

    /// <summary>What it takes a node's processor to take a message, before it is handled, in nanoseconds.</summary>
    long CostNs(int node, in SimMessage message);

    /// <summary>A message has been taken by a node.</summary>
    void Receive(Lane lane, int node, in SimMessage message, long nowNs);

    /// <summary>The time is there that <see cref="Lane.WakeBy"/> asked for; it is forgotten then.</summary>
    void Wake(Lane lane, int node, long nowNs);

    /// <summary>
    /// Asked when the uplink comes to a message that had to wait: false and it is not sent. For messages that were sent
    /// with
    /// <see cref="Lane.SendStream"/>.
    /// </summary>
    bool IsWanted(in SimMessage message) => true;

    /// <summary>A message has been lost on its way.</summary>
    void OnLost(in SimMessage message)
    {
    }

    /// <summary>Bytes of a message with a part of an item that are not the item's: heads of all layers.</summary>
    int OverheadOf(in SimMessage message);

    /// <summary>The run is over: adds what nodes counted themselves.</summary>
    void Finish(LaneCounters total)
    {
    }

    /// <summary>A node that left is back, with nothing that it had.</summary>
    void Join(Lane lane, int node, long nowNs);
}
