namespace Fragcast.Perf.Simulate.Schemes;

/// <summary>
/// A tree with a fixed number of children, the same for all items of a leader, that knows nothing of regions: every
/// node passes on what it has checked. What is lost with a node is lost for all below it.
/// </summary>
internal sealed class TreeScheme : IScheme
{
    /// <summary>
    /// Children of a node: as many as an uplink of 200 Mb/s carries with 32 KiB every 10 ms and some room.
    /// </summary>
    private const int FanOut = 4;

    private const ulong OrderPurpose = 16;

    private Simulation _simulation = null!;

    // For each leader: the nodes in the tree's order, and each node's place in it.
    private int[][] _order = [];
    private int[][] _place = [];

    /// <inheritdoc/>
    public string Name => "tree";

    /// <inheritdoc/>
    public void Start(Simulation simulation)
    {
        _simulation = simulation;
        int leaders = simulation.Config.Leaders;
        _order = new int[leaders][];
        _place = new int[leaders][];
        for (int leader = 0; leader < leaders; leader++)
        {
            ulong random = Draw.Stream(simulation.Config.Seed, (ulong)leader, OrderPurpose);
            int[] order = [.. Enumerable.Range(0, simulation.Nodes.Length)];
            (order[0], order[leader]) = (order[leader], order[0]);
            for (int i = order.Length - 1; i > 1; i--)
            {
                int other = 1 + Draw.Below(ref random, i);
                (order[i], order[other]) = (order[other], order[i]);
            }

            _order[leader] = order;
            _place[leader] = new int[order.Length];
            for (int i = 0; i < order.Length; i++) _place[leader][order[i]] = i;
        }
    }

    /// <inheritdoc/>
    public void Publish(Lane lane, int node, int item, long nowNs) => SendOn(lane, node, item, nowNs);

    /// <inheritdoc/>
    public long CostNs(int node, in SimMessage message) =>
        WholeMessages.ValidationNs(_simulation.Traffic[message.Item].Length);

    /// <inheritdoc/>
    public void Receive(Lane lane, int node, in SimMessage message, long nowNs)
    {
        if (WholeMessages.TryTake(lane, node, message, nowNs)) SendOn(lane, node, message.Item, nowNs);
    }

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

    private void SendOn(Lane lane, int node, int item, long nowNs)
    {
        int leader = _simulation.Traffic[item].Leader;
        int[] order = _order[leader];
        int first = (_place[leader][node] * FanOut) + 1;
        for (int i = first; i < Math.Min(first + FanOut, order.Length); i++)
        {
            SimMessage message = WholeMessages.Of(_simulation, item, order[i]);
            lane.SendStream(node, ref message, nowNs);
        }
    }
}
