using Fragcast.Primitives;

namespace Fragcast.Schedule.Rotation;

/// <summary>What one sequencer signed about one block, as far as it decides who leads it.</summary>
internal sealed class SignerFacts(Address signer)
{
    /// <summary>Envs of one signer for one block that are told apart; more than one is an equivocation.</summary>
    public const int EnvsMax = 4;

    /// <summary>Refuted seals of one signer and block that are remembered.</summary>
    public const int RefutedMax = 8;

    private readonly List<Hash256> _envParents = new(1);
    private readonly List<Hash256> _refuted = [];
    private readonly Dictionary<ulong, Hash256> _frags = [];

    public Address Signer { get; } = signer;

    /// <summary>Its take, if it signed one.</summary>
    public HandOver? Take { get; private set; }

    /// <summary>Its hand-over to somebody else, if it signed one.</summary>
    public HandOver? Leave { get; private set; }

    /// <summary>Its seal, if it signed one.</summary>
    public SealFact? Seal { get; private set; }

    /// <summary>The first of its frags that it withdrew.</summary>
    public ulong WithdrawnFrom { get; private set; } = ulong.MaxValue;

    /// <summary>One past its highest frag that was seen.</summary>
    public ulong FragsEnd { get; private set; }

    /// <summary>How the proof of <see cref="Take"/> stands, and what that was found from.</summary>
    public ProofState Proof { get; set; }

    public bool OpenedOn(in Hash256 parent) => _envParents.Contains(parent);

    public bool HasOpened => _envParents.Count > 0;

    public int Frags => _frags.Count;

    /// <summary>A frag that was not withdrawn.</summary>
    public bool TryGetFrag(ulong seq, out Hash256 root)
    {
        root = default;
        return seq < WithdrawnFrom && _frags.TryGetValue(seq, out root);
    }

    // What is kept of several is chosen by content and not by arrival, so that nodes which have seen the same messages
    // agree whatever came first.
    public bool AddEnv(in Hash256 parent)
    {
        int place = _envParents.BinarySearch(parent);
        if (place >= 0 || ~place >= EnvsMax)
        {
            return false;
        }

        _envParents.Insert(~place, parent);
        if (_envParents.Count > EnvsMax)
        {
            _envParents.RemoveAt(EnvsMax);
        }

        return true;
    }

    public bool AddFrag(ulong seq, in Hash256 root)
    {
        if (!_frags.TryAdd(seq, root))
        {
            return false;
        }

        FragsEnd = Math.Max(FragsEnd, seq + 1);
        return true;
    }

    public bool AddTake(in HandOver take)
    {
        if (Take is { } known && !IsBetter(take, known))
        {
            return false;
        }

        Take = take;
        Proof = default;
        return true;
    }

    public bool AddLeave(in HandOver leave)
    {
        if (Leave is { } known && !IsBetter(leave, known))
        {
            return false;
        }

        Leave = leave;
        return true;
    }

    public bool AddSeal(in SealFact seal)
    {
        if (_refuted.Contains(seal.Hash) || (Seal is { } known && seal.CompareTo(known) >= 0))
        {
            return false;
        }

        Seal = seal;
        return true;
    }

    public bool Withdraw(ulong fromSeq)
    {
        if (fromSeq >= WithdrawnFrom)
        {
            return false;
        }

        WithdrawnFrom = fromSeq;
        return true;
    }

    /// <summary>A seal that execution refuted: it never counts again.</summary>
    public bool Reject(in Hash256 hash)
    {
        if (_refuted.Contains(hash) || _refuted.Count >= RefutedMax)
        {
            return false;
        }

        _refuted.Add(hash);
        Seal = Seal?.Hash == hash ? null : Seal;
        return true;
    }

    /// <summary>Its signer starts over: what it signed from a frag on is forgotten, and may come again.</summary>
    public void Forget(ulong fromSeq)
    {
        foreach (ulong seq in _frags.Keys.Where(seq => seq >= fromSeq).ToArray())
        {
            _frags.Remove(seq);
        }

        FragsEnd = Math.Min(FragsEnd, fromSeq);
        Seal = null;
        if (fromSeq == 0)
        {
            _envParents.Clear();
        }
    }

    private static bool IsBetter(in HandOver candidate, in HandOver known)
    {
        int order = candidate.LastSeq.CompareTo(known.LastSeq);
        order = order == 0 ? candidate.LastFragRoot.CompareTo(known.LastFragRoot) : order;
        order = order == 0 ? candidate.ParentHash.CompareTo(known.ParentHash) : order;
        order = order == 0 ? candidate.NextLeader.CompareTo(known.NextLeader) : order;
        return order > 0;
    }
}

/// <summary>What a seal says, as far as it decides.</summary>
internal readonly record struct SealFact(ulong TotalFrags, Hash256 ParentHash, Hash256 Hash) : IComparable<SealFact>
{
    public int CompareTo(SealFact other)
    {
        int order = Hash.CompareTo(other.Hash);
        order = order == 0 ? ParentHash.CompareTo(other.ParentHash) : order;
        return order == 0 ? TotalFrags.CompareTo(other.TotalFrags) : order;
    }
}

/// <summary>What is known of a take's proof.</summary>
internal enum ProofVerdict : byte
{
    /// <summary>Frags are missing, or nobody looked yet.</summary>
    Open = 0,

    /// <summary>It is over just the frags that stand below it.</summary>
    Good,

    /// <summary>It is over others.</summary>
    Wrong,
}

/// <summary>A verdict with what it was found from, so that it is only found again when that changed.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Basis">Version of the takes below, and which of them count.</param>
/// <param name="MissingSeq">The first missing frag, when it is open.</param>
/// <param name="MissingRound">Whose it is.</param>
internal readonly record struct ProofState(
    ProofVerdict Verdict, (long Version, int Counted, Hash256 Parent) Basis, ulong MissingSeq, int MissingRound);

/// <summary>All that was signed about one block.</summary>
internal sealed class BlockFacts(ulong number, Succession line)
{
    /// <summary>Sequencers that are told apart: a line, and what was in it before the schedule changed.</summary>
    private const int SignersMax = 2 * Succession.RoundsMax;

    private readonly List<SignerFacts> _signers = new(1);

    public ulong Number { get; } = number;

    public Succession Line { get; set; } = line;

    /// <summary>Moves on when anything but frags is added.</summary>
    public long Version { get; set; }

    public SignerFacts? Of(in Address signer)
    {
        foreach (SignerFacts facts in _signers)
        {
            if (facts.Signer == signer)
            {
                return facts;
            }
        }

        return null;
    }

    public SignerFacts? OfRound(int round) => round < Line.Count ? Of(Line[round]) : null;

    public bool TryAdd(in Address signer, out SignerFacts facts)
    {
        facts = Of(signer)!;
        if (facts is null && _signers.Count < SignersMax)
        {
            facts = new SignerFacts(signer);
            _signers.Add(facts);
        }

        return facts is not null;
    }
}
