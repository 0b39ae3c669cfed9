using System.Buffers.Binary;
using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Tests.Chunks;

public sealed class ChunkHeadTests
{
    private static readonly ChunkPlan Coded = ChunkPlan.Default with { DataMin = 5, RedundancyPercent = 160 };

    public static TheoryData<string, Refusal> Changes => new()
    {
        { "type", Refusal.UnknownVersion },
        { "flags", Refusal.UnknownKind },
        { "kind", Refusal.UnknownKind },
        { "index", Refusal.ChunkIndex },
        { "no data", Refusal.ChunkCounts },
        { "n below k", Refusal.ChunkCounts },
        { "half a copy", Refusal.ChunkCounts },
        { "segment", Refusal.ChunkSegment },
        { "no segments", Refusal.ChunkSegment },
        { "empty segments", Refusal.ChunkSegment },
        { "too many segments", Refusal.ChunkSegment },
        { "no message", Refusal.ChunkSegment },
        { "message too long", Refusal.TooLong },
        { "message of other length", Refusal.ChunkLength },
        { "chunk length", Refusal.ChunkLength },
        { "chunk cut off", Refusal.ChunkLength },
        { "chunk with more behind", Refusal.ChunkLength },
        { "more k than needed", Refusal.ChunkLength },
        { "two duties", Refusal.ChunkDuty },
        { "repair with duty", Refusal.ChunkDuty },
        { "padding", Refusal.ChunkPadding },
        { "branch beside the tree", Refusal.ChunkBranch },
        { "head only", Refusal.Truncated },
        { "too long", Refusal.TooLong },
    };

    [Fact]
    public void TryRead_WhatWasWritten_IsTheSame()
    {
        using TestChunks chunks = TestChunks.Make(999, plan: Coded);
        ChunkHead head = chunks.Head(3) with { Duty = new Duty(0, 7, uint.MaxValue) };
        byte[] chunk = chunks.Chunk(3);
        ChunkHead.WriteDuty(chunk, head.Duty);
        Assert.Equal(Refusal.None, ChunkHead.TryRead(chunk, out ChunkHead read));
        Assert.Equal(head, read);
        byte[] front = new byte[ChunkLayout.BranchOffset];
        head.Write(front);
        Assert.Equal(chunk[..ChunkLayout.SignatureOffset], front[..ChunkLayout.SignatureOffset]);
        Assert.Equal((999, (byte)5, (byte)8, (byte)3), (read.MessageLength, read.Data, read.Total, read.Index));
        Assert.Equal(TestChunks.Place, read.Place);
    }

    [Fact]
    public void WriteRepair_OnADuty_TakesItAway()
    {
        using TestChunks chunks = TestChunks.Make(999);
        byte[] chunk = chunks.Chunk(0);
        ChunkHead.WriteDuty(chunk, new Duty(5, 0, 0));
        ChunkHead.WriteRepair(chunk, isRepair: true);
        Assert.Equal(Refusal.None, ChunkHead.TryRead(chunk, out ChunkHead head));
        Assert.Equal((ChunkFlags.Repair, Duty.None), (head.Flags, head.Duty));
        ChunkHead.WriteRepair(chunk, isRepair: false);
        Assert.Equal(chunks.Chunk(0), chunk);
    }

    [Fact]
    public void Layout_HasTheOffsetsOfTheDiagram()
    {
        Assert.Equal(16, ChunkLayout.DutyRegionsOffset);
        Assert.Equal(32, ChunkLayout.BlockNumberOffset);
        Assert.Equal(52, ChunkLayout.SignatureOffset);
        Assert.Equal(117, ChunkLayout.BranchOffset);
        Assert.Equal(8, ChunkLayout.Depth(ChunkLayout.TotalMax));
        Assert.Equal((0, 1, 2, 2, 3), (
            ChunkLayout.Depth(1), ChunkLayout.Depth(2), ChunkLayout.Depth(3), ChunkLayout.Depth(4),
            ChunkLayout.Depth(5)));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void TryRead_Changed_IsRefused(string change, Refusal refusal)
    {
        // 5 chunks of 200 bytes carry 999, so the last of these has one byte of padding; 6 leaves of 8 are there.
        using TestChunks chunks = TestChunks.Make(999, plan: Coded with { RedundancyPercent = 120 });
        byte[] chunk = Change(chunks, change);
        Assert.Equal(refusal, ChunkHead.TryRead(chunk, out ChunkHead head));
        Assert.Equal(default, head);
    }

    [Fact]
    public void TryRead_CutOffAnywhere_IsRefused()
    {
        using TestChunks chunks = TestChunks.Make(999, plan: Coded);
        byte[] chunk = chunks.Chunk(1);
        for (int length = 0; length < chunk.Length; length++)
        {
            Assert.NotEqual(Refusal.None, ChunkHead.TryRead(chunk.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void TryRead_Noise_NeverThrows()
    {
        using TestChunks chunks = TestChunks.Make(999, plan: Coded);
        byte[] good = chunks.Chunk(4);
        var random = new Random(11);
        int accepted = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] chunk = [.. good];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                chunk[random.Next(ChunkLayout.SignatureOffset)] = (byte)random.Next(256);
            }

            int length = round % 3 == 0 ? random.Next(chunk.Length + 1) : chunk.Length;
            if (ChunkHead.TryRead(chunk.AsSpan(0, length), out ChunkHead head) == Refusal.None)
            {
                accepted++;
                Assert.Equal(length, head.Length);
                Assert.True(head.SegmentLength > 0 && head.SegmentStart + head.SegmentLength <= head.MessageLength);
            }
        }

        Assert.True(accepted > 0, "Changes of unsigned fields and of places go through.");
    }

    private static byte[] Change(TestChunks chunks, string change)
    {
        byte[] chunk = chunks.Chunk(change == "branch beside the tree" ? 5 : 4);
        switch (change)
        {
            case "type": chunk[0] = 1; break;
            case "flags": chunk[1] = 2; break;
            case "kind": chunk[2] = 0xFF; break;
            case "index": chunk[3] = chunk[5]; break;
            case "no data": chunk[4] = 0; break;
            case "n below k": chunk[5] = 4; break;
            case "half a copy": chunk[4] = 3; chunk[5] = 5; break;
            case "segment": chunk[6] = 1; break;
            case "no segments": chunk[8] = 0; break;
            case "empty segments":
                // Pieces of one byte, and 8 for 7 of them.
                BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(12), 7);
                chunk[8] = 8;
                break;
            case "too many segments": chunk[8] = ChunkLayout.SegmentsMax + 1; break;
            case "no message": BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(12), 0); break;
            case "message too long":
                BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(12), EnvelopeLayout.LengthMax + 1);
                break;
            case "message of other length": BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(12), 1001); break;
            case "chunk length": chunk[10]--; break;
            case "chunk cut off": return chunk[..^1];
            case "chunk with more behind": return [.. chunk, 0];
            case "more k than needed":
                // 6 chunks would do for 6 bytes of message in pieces of one; 5 of two hold 6 already.
                BinaryPrimitives.WriteInt32LittleEndian(chunk.AsSpan(12), 6);
                BinaryPrimitives.WriteUInt16LittleEndian(chunk.AsSpan(10), 2);
                break;
            case "two duties": ChunkHead.WriteDuty(chunk, new Duty(1, 0, 1)); break;
            case "repair with duty":
                ChunkHead.WriteRepair(chunk, isRepair: true);
                ChunkHead.WriteDuty(chunk, new Duty(1, 0, 0));
                break;
            case "padding": chunk[^1] = 1; break;
            case "branch beside the tree": chunk[ChunkLayout.BranchOffset + ChunkLayout.NodeLength] = 1; break;
            case "head only": return chunk[..ChunkLayout.BranchOffset];
            case "too long": return [.. chunk, .. new byte[ChunkLayout.LengthMax]];
            default: throw new ArgumentException(change, nameof(change));
        }

        return chunk;
    }
}
