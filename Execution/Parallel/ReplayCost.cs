namespace Fragcast.Execution.Parallel;

/// <summary>
/// Whether parallel replay is expected to be faster than execution in order: by times measured with
/// <c>fragcast-perf parallel</c>, of which only the ratios matter. When in doubt it is not.
/// </summary>
internal static class ReplayCost
{
    // A plain transfer, a use of a slot, and a unit of gas beyond what these are charged: storage is dear in gas and
    // cheap in time. What a write was charged is not known, so that all are taken for those that fill a slot.
    private const double TransactionNs = 600;
    private const double SlotNs = 300;
    private const double GasNs = 0.15;
    private const double TransferGas = 21_000;
    private const double ReadGas = 2_100;
    private const double WriteGas = 22_100;

    // What one thread does before and after for each account and slot, and the transactions' workers for each use.
    private const double PlaceNs = 450;
    private const double UseNs = 200;

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
        double gas = list.GasUsed - (TransferGas * list.TransactionCount);
        foreach (ref readonly SlotUse use in list.SlotUses) gas -= use.IsWrite ? WriteGas : ReadGas;
        double uses = (list.AccountUses.Length + list.SlotUses.Length) * share;
        double slotUses = list.SlotUses.Length * share;
        double inOrderNs = (TransactionNs * stretch.Count) + (SlotNs * slotUses) + (GasNs * Math.Max(0, gas) * share);
        double places = (list.Accounts.Length + list.Slots.Length) * share;
        double atATime = Math.Min(workers, (double)stretch.Count / depth);
        return (PlaceNs * places) + ((inOrderNs + (UseNs * uses)) / atATime) < ShareMax * inOrderNs;
    }
}
