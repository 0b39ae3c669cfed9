namespace Fragcast.Differential;

/// <summary>What a run was made of.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, (int Refused, int Failed, int Succeeded)> _kinds = [];

    public int Blocks { get; set; }

    public int Total { get; private set; }

    public int Refused { get; private set; }

    public int Failed { get; private set; }

    /// <summary>Why the run ended before its time, if it did: a deviation that makes all that follows differ.</summary>
    public string? CutShortBy { get; set; }

    /// <summary>Counts a transaction; <paramref name="success"/> is null for one that was refused.</summary>
    public void Add(string kind, bool? success)
    {
        (int refused, int failed, int succeeded) = _kinds.GetValueOrDefault(kind);
        Total++;
        if (success is null) Refused++;
        if (success == false) Failed++;
        _kinds[kind] = success switch
        {
            null => (refused + 1, failed, succeeded),
            false => (refused, failed + 1, succeeded),
            true => (refused, failed, succeeded + 1),
        };
    }

    public override string ToString() =>
        (CutShortBy is null ? "" : $"cut short by {CutShortBy}: ")
        + $"{Blocks} blocks, {Total} transactions: {Refused} refused, {Failed} failed, "
        + $"{Total - Refused - Failed} succeeded; "
        + string.Join("; ", _kinds.Select(k => $"{k.Key} {k.Value.Refused}/{k.Value.Failed}/{k.Value.Succeeded}"));
}
