namespace Fragcast.Perf.Simulate.Schemes;

/// <summary>The leader sends every item to every node, one after another.</summary>
internal sealed class StarScheme : IScheme
{
    private Simulation _simulation = null!;

    /// <inheritdoc/>
    public string Name => "star";

    /// <inheritdoc/>
    public void Start(Simulation simulation) => _simulation = simulation;

    /// <inheritdoc/>
    public void Publish(Lane lane, int node, int item, long nowNs)
    {
        int count = _simulation.Nodes.Length;

        // Another one is first each time, so that being late is everybody's.
        int first = Draw.Below(ref _simulation.Nodes[node].Random, count);
        for (int i = 0; i < count; i++)
        {
            int to = (first + i) % count;
            if (to == node) continue;
            SimMessage message = WholeMessages.Of(_simulation, item, to);
            lane.SendStream(node, ref message, nowNs);
        }
    }

    /// <inheritdoc/>
    public long CostNs(int node, in SimMessage message) =>
        WholeMessages.ValidationNs(_simulation.Traffic[message.Item].Length);

    /// <inheritdoc/>
    public void Receive(Lane lane, int node, in SimMessage message, long nowNs) =>
        WholeMessages.TryTake(lane, node, message, nowNs);

    /// <inheritdoc/>
    public void Wake(Lane lane, int node, long nowNs)
    {
    }

    /// <inheritdoc/>
    public int OverheadOf(in SimMessage message) => message.Bytes - _simulation.Traffic[message.Item].Length;

    /// <inheritdoc/>
    public void Join(Lane lane, int node, long nowNs)
    {
    }
}
