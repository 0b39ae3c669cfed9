using Fragcast.Primitives;

namespace Fragcast.Schedule.Sources;

/// <summary>A question for a registry.</summary>
/// <param name="BlocksAhead">0 for <c>registry_currentGateway</c>, n for <c>registry_futureGateway(n)</c>.</param>
public readonly record struct RegistryQuery(uint BlocksAhead);

/// <summary>How a registry is asked.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// Blocks ahead of the current one that are asked for; at most <see cref="RegistryPlan.AheadMax"/>.
    /// </summary>
    public uint BlocksAhead { get; init; } = 16;

    /// <summary>Time from the start of a round of questions to the next, in nanoseconds.</summary>
    public long RefreshNs { get; init; } = 1_000_000_000;
}

/// <summary>
/// Decides when a registry is asked what, and keeps what it said. A failure ends the round and costs nothing that is
/// known: the last answers hold. No I/O and no clock; one thread.
/// </summary>
/// <remarks>
/// <code>
/// state     event                                   next
/// Resting   the time of the next round came         Asking for the current block
/// Asking    good answer, or an error for a future   Asking for the next one; after the last, Resting
/// Asking    malformed answer                        the same, and counted
/// Asking    no answer, or an error for the current  Resting; the pause doubles, up to 16 times
/// </code>
/// </remarks>
public sealed class RegistryPlan
{
    /// <summary>Most blocks ahead that can be asked for.</summary>
    public const uint AheadMax = 256;

    /// <summary>Blocks behind the current one whose leaders are kept, for messages that come late.</summary>
    public const ulong BehindMax = 1024;

    // A registry whose current block jumps further than this (24 days of two seconds) has lost its mind.
    private const ulong JumpMax = 1 << 20;

    private const int PauseFactorMax = 16;

    private readonly RegistryOptions _options;

    // Up to BehindMax + AheadMax + 1 entries.
    private readonly SortedDictionary<ulong, Address> _leaders = [];
    private ulong? _current;
    private uint _next;
    private bool _resting = true;
    private bool _isChanged;
    private long _roundStartNs = long.MinValue;
    private long _dueNs = long.MinValue;
    private int _pauseFactor = 1;
    private bool _isInTrouble;
    private bool _roundHadTrouble;

    /// <summary>Makes a plan that asks at once.</summary>
    /// <exception cref="ScheduleException">The options are out of range.</exception>
    public RegistryPlan(RegistryOptions options)
    {
        if (options.BlocksAhead is 0 or > AheadMax || options.RefreshNs <= 0)
        {
            throw new ScheduleException($"a registry is asked for 1 to {AheadMax} blocks ahead, after some time");
        }

        _options = options;
    }

    /// <summary>Good answers so far.</summary>
    public long Answers { get; private set; }

    /// <summary>Malformed answers so far.</summary>
    public long Refused { get; private set; }

    /// <summary>Rounds that ended without an answer.</summary>
    public long Failures { get; private set; }

    /// <summary>How often the registry named another leader for a block than before.</summary>
    public long Changes { get; private set; }

    /// <summary>Blocks whose leaders are known.</summary>
    public int Known => _leaders.Count;

    /// <summary>When there is something to ask next.</summary>
    public long DueNs => _resting ? _dueNs : long.MinValue;

    /// <summary>Takes the next question, if it is time for one. Each is followed by one of the On… calls.</summary>
    public bool TryNext(long nowNs, out RegistryQuery query)
    {
        if (_resting && nowNs >= _dueNs)
        {
            _resting = false;
            _roundStartNs = nowNs;
            _next = 0;
            _roundHadTrouble = false;
        }

        query = new RegistryQuery(_next);
        return !_resting;
    }

    /// <summary>The registry answered.</summary>
    /// <param name="body">What it said.</param>
    /// <param name="nowNs">The time.</param>
    /// <returns>A line worth logging: the first trouble since things were well; otherwise null.</returns>
    public string? OnAnswer(ReadOnlyMemory<byte> body, long nowNs)
    {
        RegistryVerdict verdict = RegistryAnswer.TryParse(body, out RegistryAnswer answer, out string? problem);
        if (verdict == RegistryVerdict.Good && !IsPlausible(answer, out problem))
        {
            verdict = RegistryVerdict.Malformed;
        }

        switch (verdict)
        {
            case RegistryVerdict.Good:
                Answers++;
                Take(answer);
                Advance(nowNs);
                return null;

            case RegistryVerdict.Error when _next > 0:
                // It does not know that far: the slots stay unknown, and what comes for them waits.
                Advance(nowNs);
                return null;

            case RegistryVerdict.Error:
                return OnFailure($"it says {problem}", nowNs);

            default:
                Refused++;
                string? line = Trouble($"the registry gave {problem}: refused, the leaders known so far hold");
                if (_next == 0)
                {
                    // Without the current block nothing else can be placed.
                    Rest(nowNs, failed: true);
                }
                else
                {
                    Advance(nowNs);
                }

                return line;
        }
    }

    /// <summary>The registry did not answer.</summary>
    /// <param name="problem">Why, in a few words.</param>
    /// <param name="nowNs">The time.</param>
    /// <returns>A line worth logging: the first trouble since things were well; otherwise null.</returns>
    public string? OnFailure(string problem, long nowNs)
    {
        Failures++;
        Rest(nowNs, failed: true);
        return Trouble($"the registry does not answer: {problem}; the leaders known so far hold");
    }

    /// <summary>Gives a schedule of all that is known, if that changed since it was last taken.</summary>
    public bool TryTakeSchedule(out TableSchedule schedule)
    {
        schedule = null!;
        if (!_isChanged)
        {
            return false;
        }

        _isChanged = false;
        schedule = new TableSchedule(_leaders.Select(entry => new LeaderRange(entry.Key, entry.Key, entry.Value)));
        return true;
    }

    private bool IsPlausible(in RegistryAnswer answer, out string? problem)
    {
        bool good;
        if (_current is not { } current)
        {
            good = _next == 0 && answer.Block <= ulong.MaxValue - AheadMax;
        }
        else if (_next == 0)
        {
            // Servers behind a balancer may be a little behind each other.
            good = answer.Block + BehindMax > current && answer.Block <= ulong.MaxValue - AheadMax
                && (answer.Block <= current || answer.Block - current <= JumpMax);
        }
        else
        {
            good = answer.Block >= current && answer.Block - current <= AheadMax;
        }

        problem = good ? null : $"block {answer.Block}, which cannot be";
        return good;
    }

    private void Take(in RegistryAnswer answer)
    {
        if (_next == 0 && (_current is null || answer.Block > _current))
        {
            _current = answer.Block;
            Prune(answer.Block);
        }

        if (_leaders.TryGetValue(answer.Block, out Address known))
        {
            // What is past stands: messages were judged by it.
            if (known == answer.Leader || answer.Block < _current)
            {
                return;
            }

            Changes++;
        }

        _leaders[answer.Block] = answer.Leader;
        _isChanged = true;
    }

    private void Prune(ulong current)
    {
        while (_leaders.Count > 0)
        {
            ulong oldest = _leaders.Keys.First();
            if (oldest + BehindMax >= current)
            {
                return;
            }

            _leaders.Remove(oldest);
            _isChanged = true;
        }
    }

    private void Advance(long nowNs)
    {
        _next++;
        if (_next > _options.BlocksAhead)
        {
            _isInTrouble = _roundHadTrouble;
            Rest(nowNs, failed: false);
        }
    }

    private void Rest(long nowNs, bool failed)
    {
        _resting = true;
        _pauseFactor = failed ? Math.Min(_pauseFactor * 2, PauseFactorMax) : 1;
        _dueNs = failed
            ? nowNs + (_options.RefreshNs * _pauseFactor / 2)
            : Math.Max(nowNs, _roundStartNs + _options.RefreshNs);
    }

    private string? Trouble(string line)
    {
        bool first = !_isInTrouble;
        _isInTrouble = true;
        _roundHadTrouble = true;
        return first ? line : null;
    }
}
