namespace Fragcast.Gossip.Broadcast;

/// <summary>
/// How many chunks of an item this node waits for until it takes it that the leaves it serves have enough: a node sees
/// of an item about what its neighbours see. More while it has to ask for chunks itself.
/// </summary>
internal sealed class LeafFactor
{
    private const double Max = 2.5;
    private const double StepUp = 0.05;

    // One late item in a hundred is made up for by the others.
    private const double StepDown = StepUp / 100;

    private double _factor = BroadcastOptions.LeafFactorMin;

    /// <summary>An item is complete.</summary>
    /// <param name="wasLate">Whether it had to be asked for.</param>
    public void OnDecodable(bool wasLate) => _factor = wasLate
        ? Math.Min(Max, _factor + StepUp)
        : Math.Max(BroadcastOptions.LeafFactorMin, _factor - StepDown);

    /// <summary>Chunks that are enough for an item of k data chunks.</summary>
    public int EnoughOf(int data) => (int)Math.Ceiling(data * _factor);
}
