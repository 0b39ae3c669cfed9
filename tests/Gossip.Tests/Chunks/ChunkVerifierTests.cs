using System.Buffers.Binary;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Chunks.Proofs;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Gossip.Tests.Chunks;

public sealed class ChunkVerifierTests
{
    private readonly ChunkVerifier _verifier = new(TestChunks.NetworkId);

    [Theory]
    [InlineData(10)]
    [InlineData(2500)]
    [InlineData(40_000)]
    public void Verify_AllChunksInAnyOrder_ChecksOneSignature(int length)
    {
        using TestChunks chunks = TestChunks.Make(length);
        int[] order = [.. Enumerable.Range(0, chunks.Item.Total)];
        new Random(3).Shuffle(order);
        int signatures = 0;
        foreach (int i in order)
        {
            ChunkVerdict verdict = Verify(chunks, chunks.Chunk(i));
            Assert.Equal((Refusal.None, chunks.Item, false), (verdict.Refusal, verdict.Item, verdict.Equivocates));
            signatures += verdict.SignatureChecked ? 1 : 0;
        }

        Assert.Equal(1, signatures);
        Assert.Equal(1, _verifier.CountRoots(TestChunks.Place));
    }

    [Fact]
    public void Verify_AnyByteOfTheProofChanged_IsRefused()
    {
        using TestChunks chunks = TestChunks.Make(20_000);
        Assert.Equal(Refusal.None, Verify(chunks, chunks.Chunk(0)).Refusal);
        byte[] chunk = chunks.Chunk(1);
        for (int at = ChunkLayout.BranchOffset; at < chunk.Length; at += 7)
        {
            chunk[at] ^= 4;
            ChunkVerdict verdict = Verify(chunks, chunk);
            Assert.Equal((Refusal.ChunkBranch, false), (verdict.Refusal, verdict.SignatureChecked));
            chunk[at] ^= 4;
        }

        Assert.Equal(Refusal.None, Verify(chunks, chunk).Refusal);
    }

    [Fact]
    public void Verify_FirstChunkChanged_IsABadSignatureAndRemembersNothing()
    {
        using TestChunks chunks = TestChunks.Make(20_000);
        foreach (int at in (int[])[ChunkLayout.SignatureOffset + 5, ChunkLayout.BranchOffset + 1, 400])
        {
            byte[] chunk = chunks.Chunk(1);
            chunk[at] ^= 1;
            ChunkVerdict verdict = Verify(chunks, chunk);
            Assert.Equal((Refusal.BadSignature, true), (verdict.Refusal, verdict.SignatureChecked));
            Assert.Equal(0, _verifier.CountRoots(TestChunks.Place));
        }
    }

    [Fact]
    public void TagOf_BeforeAndAfterTheFirstChunk_IsTheItemsTag()
    {
        using TestChunks chunks = TestChunks.Make(20_000);
        using TestChunks other = TestChunks.Make(20_000, seed: 2);
        Assert.Equal(0UL, _verifier.TagOf(chunks.Chunk(1), chunks.Head(1)));
        Assert.Equal(Refusal.None, Verify(chunks, chunks.Chunk(0)).Refusal);
        Assert.Equal(chunks.Item.Tag, _verifier.TagOf(chunks.Chunk(1), chunks.Head(1)));
        Assert.Equal(0UL, _verifier.TagOf(other.Chunk(1), other.Head(1)));
        Assert.Equal(Refusal.None, Verify(other, other.Chunk(0)).Refusal);
        Assert.Equal(other.Item.Tag, _verifier.TagOf(other.Chunk(1), other.Head(1)));
    }

    [Fact]
    public void Verify_ChunkOfAnotherIndex_IsRefused()
    {
        using TestChunks chunks = TestChunks.Make(20_000);
        Assert.Equal(Refusal.None, Verify(chunks, chunks.Chunk(0)).Refusal);
        byte[] chunk = chunks.Chunk(2);
        chunk[ChunkLayout.IndexOffset] = 4;
        Assert.Equal(Refusal.ChunkBranch, Verify(chunks, chunk).Refusal);
    }

    [Fact]
    public void Verify_SignedByAnother_SaysWho()
    {
        using TestChunks chunks = TestChunks.Make(20_000);
        using TestChunks others = TestChunks.Make(20_000, leader: 2);
        ChunkVerdict verdict = Verify(chunks, others.Chunk(0));
        Assert.Equal((Refusal.BadSignature, others.Leader), (verdict.Refusal, verdict.Signer));
        Assert.Equal(0, _verifier.CountRoots(TestChunks.Place));
    }

    [Fact]
    public void Verify_AnotherNetwork_IsABadSignature()
    {
        using TestChunks chunks = TestChunks.Make(5000);
        byte[] chunk = chunks.Chunk(0);
        var verifier = new ChunkVerifier(TestChunks.NetworkId + 1);
        Assert.Equal(
            Refusal.BadSignature, verifier.Verify(chunk, chunks.Head(0), chunks.Leader, true).Refusal);
    }

    [Fact]
    public void Verify_OtherFormsOfTheSignature_AreRefused()
    {
        using TestChunks chunks = TestChunks.Make(5000);
        byte[] mirrored = chunks.Chunk(0);
        Mirror(mirrored.AsSpan(ChunkLayout.SignatureOffset, ChunkLayout.SignatureLength));
        Assert.Equal(Refusal.BadSignature, Verify(chunks, mirrored).Refusal);
        byte[] shifted = chunks.Chunk(0);
        shifted[ChunkLayout.BranchOffset - 1] += 27;
        Assert.Equal(Refusal.BadSignature, Verify(chunks, shifted).Refusal);
    }

    [Fact]
    public void Verify_KnownRootUnderAnotherSignature_GetsTheKnownOne()
    {
        using TestChunks chunks = TestChunks.Make(5000);
        Assert.Equal(Refusal.None, Verify(chunks, chunks.Chunk(0)).Refusal);
        byte[] chunk = chunks.Chunk(1);
        chunk.AsSpan(ChunkLayout.SignatureOffset, ChunkLayout.SignatureLength).Fill(9);
        ChunkVerdict verdict = Verify(chunks, chunk, mayCheck: false);
        Assert.Equal((Refusal.None, false), (verdict.Refusal, verdict.SignatureChecked));
        Assert.Equal(chunks.Chunk(1), chunk);
    }

    [Fact]
    public void Verify_SignatureDueButNotAllowed_IsOverBudget()
    {
        using TestChunks chunks = TestChunks.Make(5000);
        ChunkVerdict verdict = Verify(chunks, chunks.Chunk(0), mayCheck: false);
        Assert.Equal((Refusal.SignatureBudget, false), (verdict.Refusal, verdict.SignatureChecked));
        Assert.Equal(Refusal.None, Verify(chunks, chunks.Chunk(0)).Refusal);
        Assert.Equal(Refusal.None, Verify(chunks, chunks.Chunk(1), mayCheck: false).Refusal);
    }

    [Fact]
    public void Verify_ThreeRoots_TellsTheSecondAndRefusesTheThird()
    {
        using TestChunks first = TestChunks.Make(5000, seed: 1);
        using TestChunks second = TestChunks.Make(5000, seed: 2);
        using TestChunks third = TestChunks.Make(5000, seed: 3);
        Assert.False(Verify(first, first.Chunk(0)).Equivocates);
        ChunkVerdict verdict = Verify(first, second.Chunk(0));
        Assert.Equal((Refusal.None, true, second.Item), (verdict.Refusal, verdict.Equivocates, verdict.Item));
        verdict = Verify(first, third.Chunk(0));
        Assert.Equal((Refusal.Equivocation, false), (verdict.Refusal, verdict.SignatureChecked));
        Assert.Equal(2, _verifier.CountRoots(TestChunks.Place));

        // Both go on.
        Assert.Equal(first.Item, Verify(first, first.Chunk(2)).Item);
        verdict = Verify(first, second.Chunk(3), mayCheck: false);
        Assert.Equal((Refusal.None, false, second.Item), (verdict.Refusal, verdict.Equivocates, verdict.Item));
    }

    [Fact]
    public void Verify_SameDataOtherCounts_IsAnEquivocation()
    {
        using TestChunks first = TestChunks.Make(20_000);
        using TestChunks second = TestChunks.Make(
            20_000, plan: ChunkPlan.Default with { RedundancyPercent = 200 });
        Assert.Equal(Refusal.None, Verify(first, first.Chunk(0)).Refusal);
        Assert.True(Verify(first, second.Chunk(0)).Equivocates);
    }

    [Fact]
    public void Verify_SealsOfOtherTotals_StandInOnePlace()
    {
        var place = new ItemPlace(0, 9, 4, EnvelopeKind.Seal);
        using TestChunks first = TestChunks.Make(500, place: place);
        using TestChunks second = TestChunks.Make(500, place: place with { Sequence = 5 });
        Assert.Equal(Refusal.None, Verify(first, first.Chunk(0)).Refusal);
        Assert.True(Verify(first, second.Chunk(0)).Equivocates);

        // After a cancel there may be another one.
        using TestChunks next = TestChunks.Make(500, place: place with { Sequence = AttemptSequence.Join(1, 6) });
        Assert.False(Verify(next, next.Chunk(0)).Equivocates);
    }

    [Fact]
    public void Verify_OtherFieldsUnderTheSameTag_IsRefusedAsAnEquivocation()
    {
        // The tag would not tell them apart.
        var place = new ItemPlace(0, 9, 0, EnvelopeKind.Env);
        using TestChunks first = TestChunks.Make(500, place: place);
        using TestChunks second = TestChunks.Make(500, place: place with { Sequence = 1 });
        Assert.Equal(first.Item.Tag, second.Item.Tag);
        Assert.Equal(Refusal.None, Verify(first, first.Chunk(0)).Refusal);
        ChunkVerdict verdict = Verify(first, second.Chunk(0));
        Assert.Equal((Refusal.Equivocation, true, true),
            (verdict.Refusal, verdict.Equivocates, verdict.SignatureChecked));
        Assert.Equal(1, _verifier.CountRoots(place));
    }

    [Fact]
    public void Verify_ManyPlaces_ForgetsTheOldest()
    {
        var verifier = new ChunkVerifier(TestChunks.NetworkId, itemsMax: 4);
        var made = new List<TestChunks>();
        for (int i = 0; i < 12; i++)
        {
            // Every third place has two roots.
            ItemPlace place = TestChunks.Place with { Sequence = (ulong)(i - (i % 3 == 2 ? 1 : 0)) };
            made.Add(TestChunks.Make(300, seed: i, place: place));
            Assert.Equal(Refusal.None, Verify(verifier, made[i], made[i].Chunk(0), mayCheck: true).Refusal);
        }

        int known = made.Select(m => m.Item.Place).Distinct().Sum(place => verifier.CountRoots(place));
        Assert.Equal(4, known);
        Assert.Equal(Refusal.SignatureBudget, Verify(verifier, made[0], made[0].Chunk(1), mayCheck: false).Refusal);
        Assert.Equal(Refusal.None, Verify(verifier, made[11], made[11].Chunk(1), mayCheck: false).Refusal);
        made.ForEach(m => m.Dispose());
    }

    [Fact]
    public void Verify_OldestIsTheFirstRootOfThePlace_KeepsIt()
    {
        var verifier = new ChunkVerifier(TestChunks.NetworkId, itemsMax: 2);
        using TestChunks first = TestChunks.Make(300, seed: 1);
        using TestChunks other = TestChunks.Make(300, place: TestChunks.Place with { Block = 1 });
        using TestChunks second = TestChunks.Make(300, seed: 2);
        foreach (TestChunks chunks in (TestChunks[])[first, other, second])
        {
            Assert.Equal(Refusal.None, Verify(verifier, chunks, chunks.Chunk(0), mayCheck: true).Refusal);
        }

        Assert.Equal(2, verifier.CountRoots(first.Item.Place));
        Assert.Equal(0, verifier.CountRoots(other.Item.Place));
    }

    [Fact]
    public void Verify_AfterTheFirst_AllocatesNothing()
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        byte[][] copies = [.. Enumerable.Range(0, chunks.Item.Total).Select(chunks.Chunk)];
        bool isGood = Verify(chunks, copies[0]).Refusal == Refusal.None;
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            foreach (byte[] chunk in copies)
            {
                isGood &= ChunkHead.TryRead(chunk, out ChunkHead head) == Refusal.None
                    && _verifier.Verify(chunk, head, chunks.Leader, false).Refusal == Refusal.None;
            }
        }

        Assert.True(isGood);
        Assert.Equal(0, gate.LeastBytes);
    }

    [Fact]
    public void Verify_ManyNewItems_AllocatesNothing()
    {
        using TestChunks chunks = TestChunks.Make(300);
        var verifier = new ChunkVerifier(TestChunks.NetworkId, itemsMax: 4);
        byte[][] copies = [.. Enumerable.Range(0, 20).Select(i =>
        {
            byte[] chunk = chunks.Chunk(0);
            BinaryPrimitives.WriteUInt64LittleEndian(chunk.AsSpan(ChunkLayout.BlockNumberOffset), (ulong)i);
            chunks.Resign(chunk);
            return chunk;
        })];
        bool isGood = true;
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            foreach (byte[] chunk in copies)
            {
                isGood &= ChunkHead.TryRead(chunk, out ChunkHead head) == Refusal.None
                    && verifier.Verify(chunk, head, chunks.Leader, true).Refusal == Refusal.None;
            }
        }

        Assert.True(isGood);
        Assert.Equal(0, gate.LeastBytes);
    }

    [Fact]
    public void TryReadSigned_TwoRootsOfAPlace_IsEvidence()
    {
        using TestChunks first = TestChunks.Make(5000, seed: 1);
        using TestChunks second = TestChunks.Make(5000, seed: 2);
        const ulong Id = TestChunks.NetworkId;
        byte[] bodyA = new byte[ChunkSigning.SignedLength], bodyB = new byte[ChunkSigning.SignedLength];
        Assert.Equal(Refusal.None, ChunkSigning.TryReadSigned(Id, first.Chunk(3), bodyA, out SignedChunk a));
        Assert.Equal(Refusal.None, ChunkSigning.TryReadSigned(Id, second.Chunk(1), bodyB, out SignedChunk b));
        Assert.Equal((a.Head.Place, a.Signer), (b.Head.Place, b.Signer));
        Assert.NotEqual(a.Digest, b.Digest);
        Assert.Equal(EvidenceError.None, EvidenceRecord.TryMakeOfChunks(
            Id, EnvelopeKind.Frag, new SignedBody(bodyA, ChunkHead.Signature(first.Chunk(3)).ToArray()),
            new SignedBody(bodyB, ChunkHead.Signature(second.Chunk(1)).ToArray()), out EvidenceRecord? evidence));
        Assert.Equal(first.Leader, evidence!.Leader);
        byte[] changed = first.Chunk(3);
        changed[ChunkLayout.BranchOffset - 1] = 4;
        Assert.Equal(Refusal.BadSignature, ChunkSigning.TryReadSigned(Id, changed, bodyA, out _));
        Assert.Equal(Refusal.Truncated, ChunkSigning.TryReadSigned(Id, changed.AsSpan(0, 50), bodyA, out _));
    }

    private static ChunkVerdict Verify(ChunkVerifier verifier, TestChunks chunks, byte[] chunk, bool mayCheck)
    {
        Assert.Equal(Refusal.None, ChunkHead.TryRead(chunk, out ChunkHead head));
        return verifier.Verify(chunk, head, chunks.Leader, mayCheck);
    }

    private static void Mirror(Span<byte> signature)
    {
        UInt256 s = UInt256.FromBigEndian(signature.Slice(32, 32));
        (Secp256k1.Order - s).WriteBigEndian(signature.Slice(32, 32));
        signature[64] ^= 1;
    }

    private ChunkVerdict Verify(TestChunks chunks, byte[] chunk, bool mayCheck = true) =>
        Verify(_verifier, chunks, chunk, mayCheck);
}
