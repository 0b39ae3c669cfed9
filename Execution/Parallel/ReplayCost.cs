namespace Fragcast.Execution.Parallel;

/// <summary>
/// Whether parallel replay is expected to be faster than execution in order: by times measured with
/// <c>fragcast-perf parallel</c>, of which only the ratios matter. When in doubt it is not.
/// </summary>
internal static class ReplayCost
{
    // A plain transfer, and a unit of the gas beyond it.
    private const double TransactionNs = 1000;
    private const double GasNs = 0.3;
    private const double TransferGas = 21_000;

    // Per use of an account or slot: what one thread does before and after, and what the transaction's worker does.
    private const double SerialUseNs = 500;
    private const double WorkerUseNs = 500;
    private const double WorkerNs = 500;

    // Gain below which the second core is better left to others.
    private const double ShareMax = 0.85;

    /// <summary>Whether it pays.</summary>
    /// <param name="stretch">The transactions.</param>
    /// <param name="workers">Transactions at a time.</param>
    /// <param name="depth">Transactions on the longest chain of those that wait for one another.</param>
    public static bool Pays(in Stretch stretch, int workers, int depth)
    {
        FragAccessList list = stretch.Access;

        // The list tells of the whole frag; the stretch has its share of the gas and the uses.
        double share = (double)stretch.Count / list.TransactionCount;
        double gas = Math.Max(0, (list.GasUsed * share) - (TransferGas * stretch.Count));
        double uses = (list.AccountUses.Length + list.SlotUses.Length) * share;
        double inOrderNs = (TransactionNs * stretch.Count) + (GasNs * gas);
        double sharedNs = inOrderNs + (WorkerNs * stretch.Count) + (WorkerUseNs * uses);
        double atATime = Math.Min(workers, (double)stretch.Count / depth);
        return (SerialUseNs * uses) + (sharedNs / atATime) < ShareMax * inOrderNs;
    }
}
