using System.Diagnostics;
using Fragcast.Gossip.Assembly;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;
using Fragcast.Schedule;

namespace Fragcast.Gossip.Verification;

/// <summary>
/// Decides whether received bytes are a message that the scheduled leader signed for this network and that is worth
/// keeping. The cheap checks come first: a message is hashed and its signature recovered only when its place is near
/// the head and still free, so that a flood costs a few compares each.
/// </summary>
/// <remarks>
/// No I/O and no clock. <see cref="Check"/> belongs to one thread; <see cref="SetHead"/> may be called from another.
/// </remarks>
/// <param name="schedule">Who leads which block.</param>
/// <param name="networkId">The network's id, see <see cref="NetworkId"/>.</param>
public sealed class MessageGate(ILeaderSchedule schedule, ulong networkId)
{
    private readonly RecentMessages _recent = new();
    private long _headNumber;
    private int _epoch;

    /// <summary>Tells the gate how far this node is. Being a little late only costs work, never correctness.</summary>
    /// <param name="epoch">How often the chain was started anew.</param>
    /// <param name="headNumber">Number of the last committed block.</param>
    public void SetHead(uint epoch, ulong headNumber)
    {
        // Release: a reader that sees the new epoch must not pair it with a head number of the epoch before, which
        // could be higher and make it refuse what is in turn.
        Volatile.Write(ref _headNumber, (long)headNumber);
        Volatile.Write(ref _epoch, (int)epoch);
    }

    /// <summary>
    /// Moves on when messages refused as <see cref="Refusal.LeaderNotYetKnown"/> may be checked again, see
    /// <see cref="LeaderHold{T}"/>.
    /// </summary>
    public long ScheduleVersion => schedule.Version;

    /// <summary>Checks one envelope.</summary>
    /// <param name="bytes">The envelope; a frag keeps referring to them.</param>
    /// <param name="message">The message; of a refused one only its place, and that only if its head is sound.</param>
    public Refusal Check(ReadOnlyMemory<byte> bytes, out GossipMessage message)
    {
        Refusal refusal = Envelope.TryRead(bytes.Span, out Envelope envelope);
        message = new GossipMessage { Place = PlaceOf(envelope, default), Revision = envelope.Revision };
        if (refusal == Refusal.None)
        {
            refusal = CheckPlace(envelope, Envelope.Signature(bytes.Span), out Address leader);
            if (refusal == Refusal.None)
            {
                refusal = CheckMessage(envelope, bytes, leader, ref message);
            }
        }

        return refusal;
    }

    private Refusal CheckPlace(in Envelope envelope, ReadOnlySpan<byte> signature, out Address leader)
    {
        leader = default;
        if (envelope.NetworkId != networkId)
        {
            return Refusal.WrongNetwork;
        }

        uint epoch = (uint)Volatile.Read(ref _epoch);
        ulong head = (ulong)Volatile.Read(ref _headNumber);
        if (envelope.Epoch < epoch || (envelope.Epoch == epoch && envelope.BlockNumber <= head))
        {
            return Refusal.Stale;
        }

        if (envelope.Epoch - epoch > 1
            || (envelope.Epoch == epoch && envelope.BlockNumber - head > BlockAssembler<int>.BlocksAheadMax))
        {
            return Refusal.TooFarAhead;
        }

        return schedule.LeaderOf(envelope.BlockNumber, out leader) switch
        {
            LeaderLookup.BeforeSchedule => Refusal.UnknownLeader,
            LeaderLookup.NotYetKnown => Refusal.LeaderNotYetKnown,
            _ => _recent.Contains(envelope, signature) ? Refusal.Duplicate : Refusal.None,
        };
    }

    private Refusal CheckMessage(
        in Envelope envelope, ReadOnlyMemory<byte> bytes, in Address leader, ref GossipMessage message)
    {
        Refusal refusal = Decode(envelope, Envelope.Message(bytes), ref message);
        if (refusal != Refusal.None)
        {
            return refusal;
        }

        ReadOnlySpan<byte> signature = Envelope.Signature(bytes.Span);
        if (!MessageSignature.TryRecoverSigner(message.Digest, signature, out Address signer))
        {
            return Refusal.BadSignature;
        }

        if (signer != leader)
        {
            return schedule.Sequencers.Contains(signer) ? Refusal.NotLeader : Refusal.BadSignature;
        }

        Span<byte> buffer = stackalloc byte[EvidenceLayout.BodyMax];
        Span<byte> body = buffer[..EvidenceBody.Write(message, Envelope.Message(bytes).Span, buffer)];
        switch (_recent.Add(envelope, signature, message.Digest, body))
        {
            case Recall.Same:
                return Refusal.Duplicate;
            case Recall.Different:
                message = message with { Equivocates = true, Evidence = Prove(envelope, signature, body) };
                return Refusal.None;
            default:
                return Refusal.None;
        }
    }

    private EvidenceRecord? Prove(in Envelope envelope, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> body)
    {
        var second = new SignedBody(body.ToArray(), signature.ToArray(), envelope.Revision);
        EvidenceError error = EvidenceRecord.TryMakeOfMessages(
            networkId, envelope.Kind, envelope.Attempt, _recent.BodyOf(envelope), second, out EvidenceRecord? evidence);
        Debug.Assert(error == EvidenceError.None, "Two verified messages of one place with two digests prove it.");
        return evidence;
    }

    private static Refusal Decode(in Envelope envelope, ReadOnlyMemory<byte> ssz, ref GossipMessage message) =>
        envelope.Kind switch
        {
            EnvelopeKind.Env => DecodeEnv(envelope, ssz, ref message),
            EnvelopeKind.Frag => DecodeFrag(envelope, ssz, ref message),
            EnvelopeKind.Seal => DecodeSeal(envelope, ssz, ref message),
            EnvelopeKind.Cancel => DecodeCancel(envelope, ssz, ref message),
            _ => DecodeHandOver(envelope, ssz, ref message),
        };

    private static Refusal DecodeEnv(in Envelope envelope, ReadOnlyMemory<byte> ssz, ref GossipMessage message)
    {
        if (EnvV0.TryDecode(ssz, envelope.Revision, out EnvV0? env) != MessageError.None || env is null)
        {
            return Refusal.Undecodable;
        }

        message = new GossipMessage
        {
            Place = PlaceOf(envelope, env.ParentHash),
            Revision = envelope.Revision,
            Digest = env.SigningDigest(envelope.Attempt),
            Env = env,
        };
        return Agree(envelope, env.Number, sequence: 0);
    }

    private static Refusal DecodeFrag(in Envelope envelope, ReadOnlyMemory<byte> ssz, ref GossipMessage message)
    {
        if (FragV0.TryDecode(ssz, envelope.Revision, out FragV0 frag) != MessageError.None)
        {
            return Refusal.Undecodable;
        }

        Hash256 transactionsRoot = FragDigest.TransactionsRoot(frag);
        message = new GossipMessage
        {
            Place = PlaceOf(envelope, default),
            Revision = envelope.Revision,
            Digest = FragDigest.SigningDigest(frag.Header, transactionsRoot, envelope.Revision, envelope.Attempt),
            TransactionsRoot = transactionsRoot,
            Frag = frag,
        };
        return Agree(envelope, frag.BlockNumber, frag.Seq);
    }

    private static Refusal DecodeSeal(in Envelope envelope, ReadOnlyMemory<byte> ssz, ref GossipMessage message)
    {
        if (SealV0.TryDecode(ssz, envelope.Revision, out SealV0? seal) != MessageError.None || seal is null)
        {
            return Refusal.Undecodable;
        }

        message = new GossipMessage
        {
            Place = PlaceOf(envelope, default),
            Revision = envelope.Revision,
            Digest = seal.SigningDigest(envelope.Revision, envelope.Attempt),
            Seal = seal,
        };
        return Agree(envelope, seal.BlockNumber, seal.TotalFrags);
    }

    private static Refusal DecodeCancel(in Envelope envelope, ReadOnlyMemory<byte> ssz, ref GossipMessage message)
    {
        if (CancelV0.TryDecode(ssz, out CancelV0? cancel) != MessageError.None || cancel is null)
        {
            return Refusal.Undecodable;
        }

        message = new GossipMessage
        {
            Place = PlaceOf(envelope, cancel.ParentHash),
            Revision = envelope.Revision,
            Digest = cancel.SigningDigest(envelope.Attempt),
            Cancel = cancel,
        };
        return Agree(envelope, cancel.BlockNumber, cancel.FromSeq);
    }

    private static Refusal DecodeHandOver(in Envelope envelope, ReadOnlyMemory<byte> ssz, ref GossipMessage message)
    {
        if (HandOverV0.TryDecode(ssz, out HandOverV0? handOver) != MessageError.None || handOver is null)
        {
            return Refusal.Undecodable;
        }

        message = new GossipMessage
        {
            Place = PlaceOf(envelope, default),
            Revision = envelope.Revision,
            Digest = handOver.SigningDigest(envelope.Attempt),
            HandOver = handOver,
        };
        return Agree(envelope, handOver.Number, handOver.LastSeq);
    }

    private static Place PlaceOf(in Envelope envelope, in Hash256 parentHash) => new(
        envelope.Kind, envelope.Epoch, envelope.BlockNumber, AttemptSequence.Number(envelope.Sequence), parentHash,
        envelope.Attempt);

    private static Refusal Agree(in Envelope envelope, ulong blockNumber, ulong sequence) =>
        envelope.BlockNumber == blockNumber && AttemptSequence.Number(envelope.Sequence) == sequence
            ? Refusal.None
            : Refusal.HeadMismatch;
}
