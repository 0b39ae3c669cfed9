using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Tests.Chunks;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Tests.Evidence;

public sealed class ChunkEvidenceTests
{
    private const ulong Id = TestChunks.NetworkId;

    [Fact]
    public void TryMake_TwoRootsOfAPlace_ProvesTheLeader()
    {
        using TestChunks first = TestChunks.Make(5000, seed: 1);
        using TestChunks second = TestChunks.Make(6000, seed: 2);
        Assert.Equal(
            EvidenceError.None,
            ChunkEvidence.TryMake(Id, first.Chunk(3), second.Chunk(1), out EvidenceRecord? evidence));
        Assert.Equal((first.Leader, EvidenceForm.Chunks), (evidence!.Leader, evidence.Form));
        ItemPlace place = TestChunks.Place;
        Assert.Equal(
            (place.Epoch, place.Block, place.Sequence, place.Kind),
            (evidence.Epoch, evidence.Block, evidence.FirstSequence, evidence.Kind));
        Assert.Equal(EvidenceError.None, EvidenceRecord.TryRead(evidence.Bytes, out _));

        // Any two chunks of the two roots give the same evidence.
        ChunkEvidence.TryMake(Id, second.Chunk(0), first.Chunk(1), out EvidenceRecord? again);
        Assert.Equal(evidence.Id, again!.Id);
    }

    [Fact]
    public void TryMake_WhatProvesNothing_SaysWhy()
    {
        using TestChunks first = TestChunks.Make(5000, seed: 1);
        using TestChunks elsewhere = TestChunks.Make(5000, seed: 2, place: TestChunks.Place with { Block = 78 });
        using TestChunks ofOther = TestChunks.Make(5000, seed: 2, leader: 2);
        Assert.Equal(EvidenceError.NotDifferent, Make(first.Chunk(0), first.Chunk(1)));
        Assert.Equal(EvidenceError.DifferentPlaces, Make(first.Chunk(0), elsewhere.Chunk(0)));
        Assert.Equal(EvidenceError.DifferentSigners, Make(first.Chunk(0), ofOther.Chunk(0)));
        Assert.Equal(EvidenceError.Undecodable, Make(first.Chunk(0), first.Chunk(0).AsSpan(0, 40)));
    }

    [Fact]
    public void TryMake_SamePlaceOfALaterAttempt_IsNoEquivocation()
    {
        ItemPlace later = TestChunks.Place with { Sequence = AttemptSequence.Join(1, TestChunks.Place.Sequence) };
        using TestChunks first = TestChunks.Make(5000, seed: 1);
        using TestChunks second = TestChunks.Make(5000, seed: 2, place: later);
        Assert.Equal(EvidenceError.DifferentPlaces, Make(first.Chunk(0), second.Chunk(0)));
    }

    [Fact]
    public void ChunkVerifier_EnvOfALaterAttempt_IsNoEquivocationAndASecondCancelIs()
    {
        Assert.False(Equivocates(EnvelopeKind.Env, 0, AttemptSequence.Join(1, 0)));
        Assert.True(Equivocates(EnvelopeKind.Seal, 4, 5));
        Assert.True(Equivocates(EnvelopeKind.Cancel, 4, 5));
        Assert.False(Equivocates(EnvelopeKind.Frag, 4, 5));
    }

    private static bool Equivocates(EnvelopeKind kind, ulong sequence, ulong otherSequence)
    {
        ItemPlace place = TestChunks.Place with { Kind = kind, Sequence = sequence };
        using TestChunks first = TestChunks.Make(500, seed: 1, place: place);
        using TestChunks second = TestChunks.Make(500, seed: 2, place: place with { Sequence = otherSequence });
        var verifier = new ChunkVerifier(Id);
        bool equivocates = false;
        foreach (TestChunks chunks in new[] { first, second })
        {
            byte[] chunk = chunks.Chunk(0);
            Assert.Equal(Refusal.None, ChunkHead.TryRead(chunk, out ChunkHead head));
            ChunkVerdict verdict = verifier.Verify(chunk, head, chunks.Leader, mayCheckSignature: true);
            Assert.Equal(Refusal.None, verdict.Refusal);
            equivocates = verdict.Equivocates;
        }

        return equivocates;
    }

    private static EvidenceError Make(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        ChunkEvidence.TryMake(Id, one, other, out _);
}
