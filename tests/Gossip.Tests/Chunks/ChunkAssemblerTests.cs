using FsCheck;
using FsCheck.Fluent;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;

namespace Fragcast.Gossip.Tests.Chunks;

public sealed class ChunkAssemblerTests
{
    private readonly ChunkAssembler _assembler = new();

    [Fact]
    public void TryAssemble_AnyLosses_GivesTheMessage()
    {
        Gen<(int Length, int DataMin, int Redundancy, int Seed)> cases =
            from scale in Gen.Choose(1, 16)
            from bits in Gen.Choose(0, int.MaxValue)
            from data in Gen.Choose(1, 60)
            from redundancy in Gen.Choose(100, 250)
            from seed in Gen.Choose(0, int.MaxValue)
            select (1 + (bits & ((1 << scale) - 1)), data, redundancy, seed);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(150),
            Prop.ForAll(cases.ToArbitrary(), c => Survives(c.Length, c.DataMin, c.Redundancy, c.Seed)));
    }

    [Fact]
    public void TryAssemble_AllData_DecodesNothing()
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        ChunkSet have = First(chunks.Item.Data);
        Assert.Equal(chunks.Message, Assemble(chunks, have, Refusal.None));
        Assert.Equal(0, _assembler.DecodedBytes);
    }

    [Fact]
    public void TryAssemble_ParityOnly_DecodesEverything()
    {
        using TestChunks chunks = TestChunks.Make(32_768, plan: ChunkPlan.Default with { RedundancyPercent = 210 });
        ChunkSet have = chunks.All();
        for (int i = 0; i < chunks.Item.Data; i++)
        {
            have.Remove((byte)i);
        }

        Assert.Equal(chunks.Message, Assemble(chunks, have, Refusal.None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void TryAssemble_CopiesOfSomePieces_GivesTheMessage(int copy)
    {
        using TestChunks chunks = TestChunks.Make(2500);
        ChunkSet have = default;
        have.Add((byte)(copy * 3));
        have.Add((byte)(((1 - copy) * 3) + 1));
        Assemble(chunks, have, Refusal.Truncated);
        have.Add((byte)((copy * 3) + 1));
        Assemble(chunks, have, Refusal.Truncated);
        have.Add((byte)((copy * 3) + 2));
        Assert.Equal(chunks.Message, Assemble(chunks, have, Refusal.None));
    }

    [Fact]
    public void TryAssemble_TooFew_IsTruncated()
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        Assemble(chunks, First(chunks.Item.Data - 1), Refusal.Truncated);
    }

    [Fact]
    public void TryAssemble_ChunksOfAnotherItem_IsTruncated()
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        Assert.Equal(Refusal.Truncated, _assembler.TryAssemble(
            chunks.Item with { Length = 32_767 }, chunks.Leases, chunks.All(), new byte[32_768]));
    }

    [Theory]
    [InlineData(2, 40)]
    [InlineData(0, 30)]
    [InlineData(33, 36)]
    public void TryAssemble_ParityThatDoesNotFit_IsFoundByEveryoneWhoUsesIt(int lost, int lying)
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        Assert.Equal(36, chunks.Item.Data);
        ChunkHead head = chunks.Head(0);
        chunks.Leases[lying].Span[head.DataStart + 17] ^= 1;
        chunks.Reseal();

        // The leader's word stands: whoever has all data takes it as it is.
        byte[] whole = Assemble(chunks, First(36), Refusal.None);
        ChunkSet have = First(36);
        have.Remove((byte)lost);
        have.Add((byte)Math.Max(lying, 36));
        Assemble(chunks, have, Refusal.ChunkParity);

        // With honest parity only, where the lie is not among the data: the same message.
        if (lying >= 36)
        {
            have.Remove((byte)lying);
            have.Add((byte)(lying + 1));
            Refusal refusal = _assembler.TryAssemble(chunks.Item, chunks.Leases, have, whole);
            Assert.True(refusal is Refusal.ChunkParity || whole.AsSpan().SequenceEqual(chunks.Message));
        }
    }

    [Fact]
    public void TryAssemble_ParityOfPaddingThatIsNotZero_IsRefused()
    {
        // 36 pieces of 911 bytes hold 32,796.
        using TestChunks chunks = TestChunks.Make(32_768);
        ChunkHead head = chunks.Head(0);
        chunks.Leases[35].Span[head.DataStart + head.ChunkLength - 1] = 1;
        for (int row = 36; row < head.Total; row++)
        {
            byte factor = Gossip.Chunks.Coding.GaloisField.Inverse((byte)(row ^ 35));
            chunks.Leases[row].Span[head.DataStart + head.ChunkLength - 1] ^= factor;
        }

        chunks.Reseal();
        ChunkSet have = First(35);
        have.Add(37);
        Assemble(chunks, have, Refusal.ChunkPadding);
    }

    [Fact]
    public void TryAssemble_SegmentsOfALongMessage_FitTogether()
    {
        byte[] message = TestChunks.Bytes(700_000);
        var whole = new byte[message.Length];
        int segments = 0;
        for (ushort segment = 0; segment < 20; segment++)
        {
            if (segment >= ChunkShape.Of(message.Length, ChunkPlan.Default).Segments)
            {
                break;
            }

            segments++;
            using TestChunks chunks = TestChunks.Make(
                message.Length, place: TestChunks.Place with { Segment = segment });
            Assert.Equal(message.Length, chunks.Message.Length);
            ChunkAssembler.Locate(chunks.Leases[1].Span, out int start, out int length);
            Assert.Equal((chunks.Segment.Start, message.Length), (start, length));
            ChunkSet have = chunks.All();
            have.Remove(0);
            have.Remove(7);
            Assert.Equal(Refusal.None, _assembler.TryAssemble(
                chunks.Item, chunks.Leases, have, whole.AsSpan(start, chunks.Item.Length)));
        }

        Assert.Equal(5, segments);
        Assert.Equal(message, whole);
    }

    [Fact]
    public void TryAssemble_WithLosses_AllocatesNothing()
    {
        using TestChunks chunks = TestChunks.Make(32_768);
        ChunkSet have = chunks.All();
        for (byte i = 3; i < 11; i++)
        {
            have.Remove(i);
        }

        var message = new byte[32_768];
        Refusal refusal = Refusal.None;
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            refusal = _assembler.TryAssemble(chunks.Item, chunks.Leases, have, message);
        }

        Assert.Equal(Refusal.None, refusal);
        Assert.Equal(0, gate.LeastBytes);
    }

    private static ChunkSet First(int count)
    {
        ChunkSet set = default;
        for (int i = 0; i < count; i++)
        {
            set.Add((byte)i);
        }

        return set;
    }

    private bool Survives(int length, int dataMin, int redundancy, int seed)
    {
        using TestChunks chunks = TestChunks.Make(
            length, seed, ChunkPlan.Default with { DataMin = dataMin, RedundancyPercent = redundancy });
        byte[] order = [.. Enumerable.Range(0, chunks.Item.Total).Select(i => (byte)i)];
        new Random(seed).Shuffle(order);
        ChunkSet have = default;
        int pieces = 0;
        var seen = new HashSet<int>();
        foreach (byte index in order)
        {
            have.Add(index);
            pieces += seen.Add(chunks.Item.IsCopied ? index % chunks.Item.Data : index) ? 1 : 0;
            if (pieces == chunks.Item.Data)
            {
                break;
            }
        }

        // Not a byte behind the segment is written.
        var segment = new byte[chunks.Item.Length + 1];
        segment[^1] = 0xA5;
        return _assembler.TryAssemble(chunks.Item, chunks.Leases, have, segment) == Refusal.None
            && segment.AsSpan(0, chunks.Item.Length).SequenceEqual(chunks.Expected)
            && segment[^1] == 0xA5;
    }

    private byte[] Assemble(TestChunks chunks, in ChunkSet have, Refusal expected)
    {
        var segment = new byte[chunks.Item.Length];
        Assert.Equal(expected, _assembler.TryAssemble(chunks.Item, chunks.Leases, have, segment));
        return segment;
    }
}
