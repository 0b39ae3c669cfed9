using Fragcast.Gossip.Wire;
using Fragcast.Primitives;

namespace Fragcast.Gossip.Assembly;

/// <summary>What becomes of a verified message.</summary>
public enum Placement : byte
{
    /// <summary>It is its turn: apply it now and report back.</summary>
    Deliver = 0,

    /// <summary>It came early and waits in the assembler.</summary>
    Held,

    /// <summary>It is refused, for the reason given beside.</summary>
    Refused,
}

/// <summary>
/// Puts verified messages of a chain into order: Env, then frags 0, 1, 2 … up to the last, then the seal, block after
/// block. What comes early waits, bounded; what is refused never costs what was already applied.
/// </summary>
/// <remarks>
/// No I/O and no clock: the owner offers messages, applies what is delivered and says how that went. One thread.
/// <code>
/// state        event                     next
/// NoBlock      Env applied               Open (next seq 0)
/// Open         frag applied              Open (next seq + 1); last seen if it says so
/// Open         frag or seal refused      Open, marked broken; the place stays free for a better one
/// Open         Env, block is broken      Open anew with that Env (the leader started over)
/// Open         Env of the next leader    refused or held by its number, as in every state
/// Open         seal applied              NoBlock, head moves to the sealed block
/// Open         voided                    NoBlock
/// Open         cancelled from 0          NoBlock, next attempt: a fresh Env of that attempt opens anew
/// Open         cancelled from a frag on  Open, next attempt: what stood before that frag stands
/// any          Restart(epoch, head)      NoBlock
/// </code>
/// Messages of an attempt that is yet to come wait for the cancel that begins it; those that a cancel voids are
/// refused, however late they come. A hand-over is delivered at once: it changes nothing here.
/// </remarks>
/// <typeparam name="T">The owner's message with what it needs to apply it.</typeparam>
public sealed class BlockAssembler<T>
{
    /// <summary>How many blocks past the head messages are kept for: how far a slow node may lag.</summary>
    public const ulong BlocksAheadMax = 16;

    /// <summary>
    /// How many early messages wait: <see cref="BlocksAheadMax"/> blocks of 30 frags, an Env and a seal.
    /// </summary>
    public const int HeldMax = 512;

    private readonly List<(Place Place, T Message)> _held = new(HeldMax);
    private readonly BlockAttempts _attempts = new();
    private ulong _nextSequence;
    private bool _lastSeen;
    private bool _broken;

    /// <summary>Starts at a head.</summary>
    /// <param name="epoch">How often the chain was started anew.</param>
    /// <param name="headNumber">Number of the last committed block.</param>
    /// <param name="headHash">Its hash.</param>
    public BlockAssembler(uint epoch, ulong headNumber, in Hash256 headHash) => Restart(epoch, headNumber, headHash);

    /// <summary>Epoch of the chain that is being assembled.</summary>
    public uint Epoch { get; private set; }

    /// <summary>Number of the last committed block.</summary>
    public ulong HeadNumber { get; private set; }

    /// <summary>Hash of the last committed block.</summary>
    public Hash256 HeadHash { get; private set; }

    /// <summary>Whether a block is open; its number is then one past the head's.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>How often the block after the head was cancelled.</summary>
    public byte Attempt => _attempts.Current;

    /// <summary>Number of frags applied to the open block.</summary>
    public ulong AppliedFrags => _nextSequence;

    /// <summary>Early messages that wait.</summary>
    public int HeldCount => _held.Count;

    /// <summary>Decides what becomes of a message. A delivered one must be followed by one of the On… calls.</summary>
    /// <param name="place">Where the message belongs.</param>
    /// <param name="message">The message; kept only when the result is <see cref="Placement.Held"/>.</param>
    /// <param name="reason">Why it is refused, or <see cref="Refusal.None"/>.</param>
    public Placement Offer(in Place place, T message, out Refusal reason)
    {
        Placement placement = Decide(place, out reason);
        if (placement != Placement.Held)
        {
            return placement;
        }

        if (_held.Count >= HeldMax)
        {
            reason = Refusal.HoldFull;
            return Placement.Refused;
        }

        for (int i = 0; i < _held.Count; i++)
        {
            if (_held[i].Place.SameSlot(place))
            {
                reason = Refusal.Duplicate;
                return Placement.Refused;
            }
        }

        _held.Add((place, message));
        return Placement.Held;
    }

    /// <summary>
    /// Takes the next held message that has become deliverable or refusable. Call until it gives false after each
    /// change of state.
    /// </summary>
    /// <param name="message">The message, no longer held.</param>
    /// <param name="placement">Deliver or Refused.</param>
    /// <param name="reason">Why it is refused, or <see cref="Refusal.None"/>.</param>
    public bool TryTakeHeld(out T message, out Placement placement, out Refusal reason)
    {
        for (int i = 0; i < _held.Count; i++)
        {
            placement = Decide(_held[i].Place, out reason);
            if (placement != Placement.Held)
            {
                message = _held[i].Message;
                _held.RemoveAt(i);
                return true;
            }
        }

        message = default!;
        placement = Placement.Held;
        reason = Refusal.None;
        return false;
    }

    /// <summary>Gives up all held messages, for a node that stops.</summary>
    public IReadOnlyList<T> TakeAll()
    {
        T[] all = _held.Select(h => h.Message).ToArray();
        _held.Clear();
        return all;
    }

    /// <summary>The delivered Env was applied: the block is open.</summary>
    public void OnOpened()
    {
        IsOpen = true;
        _nextSequence = 0;
        _lastSeen = false;
        _broken = false;
    }

    /// <summary>The open block was given up: none is open until an Env is applied.</summary>
    public void OnVoided() => Close();

    /// <summary>The delivered frag was applied.</summary>
    /// <param name="isLast">Whether it says that it is the last of its block.</param>
    public void OnFragApplied(bool isLast)
    {
        _nextSequence++;
        _lastSeen = isLast;
    }

    /// <summary>The delivered cancel: the next attempt begins.</summary>
    /// <param name="fromSeq">The first void frag; 0 voids the Env too, and the block is no longer open.</param>
    /// <returns>How many of the applied frags the owner takes back, the last ones.</returns>
    public ulong OnCancelled(ulong fromSeq)
    {
        _attempts.Cancel(fromSeq);
        ulong takenBack = _nextSequence > fromSeq ? _nextSequence - fromSeq : 0;
        if (fromSeq == 0)
        {
            Close();
        }
        else if (takenBack > 0)
        {
            _nextSequence = fromSeq;
            _lastSeen = false;
        }

        _broken = false;
        return takenBack;
    }

    /// <summary>The delivered frag or seal was refused when it was applied; what stood before it stands.</summary>
    public void OnRefused() => _broken = IsOpen;

    /// <summary>The delivered seal was right: the block is committed and becomes the head.</summary>
    /// <param name="headHash">Its hash.</param>
    public void OnSealed(in Hash256 headHash)
    {
        HeadNumber++;
        HeadHash = headHash;
        _attempts.Reset();
        Close();
    }

    /// <summary>Starts over at a head, for a new epoch or after this node moved its head by other means.</summary>
    /// <param name="epoch">How often the chain was started anew.</param>
    /// <param name="headNumber">Number of the last committed block.</param>
    /// <param name="headHash">Its hash.</param>
    public void Restart(uint epoch, ulong headNumber, in Hash256 headHash)
    {
        Epoch = epoch;
        HeadNumber = headNumber;
        HeadHash = headHash;
        _attempts.Reset();
        Close();
    }

    private void Close()
    {
        IsOpen = false;
        _nextSequence = 0;
        _lastSeen = false;
        _broken = false;
    }

    private Placement Decide(in Place place, out Refusal reason)
    {
        reason = Refusal.None;
        if (place.Epoch != Epoch)
        {
            // The next epoch's first blocks may overtake the end of this one; anything else is out of reach.
            return place.Epoch == Epoch + 1 ? Placement.Held : Refuse(
                place.Epoch < Epoch ? Refusal.Stale : Refusal.TooFarAhead, out reason);
        }

        if (place.BlockNumber <= HeadNumber)
        {
            return Refuse(Refusal.Stale, out reason);
        }

        ulong ahead = place.BlockNumber - HeadNumber;
        if (ahead > BlocksAheadMax)
        {
            return Refuse(Refusal.TooFarAhead, out reason);
        }

        if (place.Kind == EnvelopeKind.HandOver)
        {
            return Placement.Deliver;
        }

        if (ahead > 1 || place.Attempt > _attempts.Current)
        {
            return Placement.Held;
        }

        return place.Kind switch
        {
            EnvelopeKind.Cancel => DecideCancel(place, out reason),
            _ when _attempts.IsVoid(place) => Refuse(Refusal.Voided, out reason),
            EnvelopeKind.Env => DecideEnv(place, out reason),
            EnvelopeKind.Frag => DecideFrag(place, out reason),
            _ => DecideSeal(place, out reason),
        };
    }

    private Placement DecideCancel(in Place place, out Refusal reason)
    {
        reason = Refusal.None;
        if (place.Attempt < _attempts.Current || place.Attempt == BlockAttempts.CancelsMax)
        {
            return Refuse(Refusal.Duplicate, out reason);
        }

        return place.ParentHash == HeadHash ? Placement.Deliver : Refuse(Refusal.WrongParent, out reason);
    }

    private Placement DecideEnv(in Place place, out Refusal reason)
    {
        reason = Refusal.None;
        if (place.ParentHash != HeadHash)
        {
            return Refuse(Refusal.WrongParent, out reason);
        }

        return !IsOpen || _broken ? Placement.Deliver : Refuse(Refusal.Duplicate, out reason);
    }

    private Placement DecideFrag(in Place place, out Refusal reason)
    {
        reason = Refusal.None;
        if (!IsOpen || place.Sequence > _nextSequence)
        {
            return IsOpen && _lastSeen ? Refuse(Refusal.AfterLast, out reason) : Placement.Held;
        }

        if (place.Sequence < _nextSequence)
        {
            return Refuse(Refusal.Duplicate, out reason);
        }

        return _lastSeen ? Refuse(Refusal.AfterLast, out reason) : Placement.Deliver;
    }

    private Placement DecideSeal(in Place place, out Refusal reason)
    {
        reason = Refusal.None;
        if (!IsOpen || (!_lastSeen && place.Sequence > _nextSequence))
        {
            return Placement.Held;
        }

        // All frags are here (the last one said so), or the seal counts fewer than there are.
        return _lastSeen && place.Sequence == _nextSequence
            ? Placement.Deliver
            : Refuse(Refusal.SealTotalFrags, out reason);
    }

    private static Placement Refuse(Refusal why, out Refusal reason)
    {
        reason = why;
        return Placement.Refused;
    }
}
