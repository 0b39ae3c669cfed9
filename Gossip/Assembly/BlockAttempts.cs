using System.Diagnostics;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Assembly;

/// <summary>
/// The cancels of the block in progress: which messages of which attempt still stand. Attempts are numbered from 0;
/// the cancel of attempt a voids everything from a frag on and begins attempt a + 1 there. One thread.
/// </summary>
internal sealed class BlockAttempts
{
    /// <summary>
    /// Cancels of one block: the attempt has one byte on the wire, and the last one cannot be cancelled.
    /// </summary>
    public const int CancelsMax = byte.MaxValue;

    // Where attempt a was cut off: the least of its own cancel's place and of all later ones'.
    private readonly ulong[] _cutAt = new ulong[CancelsMax];

    // Where attempt a + 1 began.
    private readonly ulong[] _nextFrom = new ulong[CancelsMax];

    /// <summary>The attempt that is under way: the number of cancels so far.</summary>
    public byte Current { get; private set; }

    /// <summary>Another block begins.</summary>
    public void Reset() => Current = 0;

    /// <summary>The attempt under way is void from a frag on; the next one begins there.</summary>
    public void Cancel(ulong fromSeq)
    {
        Debug.Assert(Current < CancelsMax, "The owner refuses the cancel of the last attempt.");
        _cutAt[Current] = _nextFrom[Current] = fromSeq;
        for (int earlier = 0; earlier < Current; earlier++)
        {
            _cutAt[earlier] = Math.Min(_cutAt[earlier], fromSeq);
        }

        Current++;
    }

    /// <summary>Whether a cancel voids a message, or its attempt began behind its place.</summary>
    public bool IsVoid(in Place place)
    {
        ulong position = place.Kind == EnvelopeKind.Frag ? place.Sequence : 0;
        if (place.Attempt < Current)
        {
            // What ends a block ends it as its attempt has it: with a cut somewhere it is void.
            return place.Kind == EnvelopeKind.Seal || position >= _cutAt[place.Attempt];
        }

        return place.Kind != EnvelopeKind.Seal && place.Attempt > 0 && place.Attempt == Current
            && position < _nextFrom[place.Attempt - 1];
    }
}
