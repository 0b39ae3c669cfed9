namespace Fragcast.Execution.Parallel;

/// <summary>How a stretch of transactions was replayed: in parallel, or why in order.</summary>
public enum ParallelOutcome : byte
{
    /// <summary>In parallel.</summary>
    Parallel = 0,

    /// <summary>In order: most of the transactions wait for one another, so that nothing would be gained.</summary>
    TooDeep,

    /// <summary>
    /// In order: by the gas that the list states, sharing the work out would take longer than doing it.
    /// </summary>
    TooCheap,

    /// <summary>In order: parallel replay follows the rules from Cancun on.</summary>
    UnsupportedRules,

    /// <summary>
    /// In order: the list is not for this frag, as its number of transactions is another.
    /// </summary>
    ListOfOtherFrag,

    /// <summary>
    /// In order, again: a transaction read or wrote something that the list does not name for it, or wrote another
    /// value than it states.
    /// </summary>
    Unstated,

    /// <summary>In order, again: a transaction was invalid, or with those before it exceeded the block's limits.
    /// </summary>
    InvalidTransaction,

    /// <summary>In order, again: a partial state lacks something that was named or asked for.</summary>
    StateUnavailable,

    /// <summary>
    /// In order, again: a case in which additions to a balance do not commute, or an account that exists and is empty.
    /// </summary>
    Exceptional,
}
