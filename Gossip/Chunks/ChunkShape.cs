using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Chunks;

/// <summary>What a planner wants of the chunks of a message.</summary>
/// <param name="DatagramBytes">
/// The longest chunk, head included, from <see cref="ChunkPlan.DatagramBytesMin"/> to
/// <see cref="ChunkLayout.LengthMax"/>.
/// </param>
/// <param name="RedundancyPercent">n in hundredths of k where there is parity, 100 to 250.</param>
/// <param name="DataMin">
/// At least as many data chunks as the message's length allows, so that small messages get parity or travel many ways;
/// 1 to 255.
/// </param>
/// <param name="Copies">How often a message of fewer than four chunks is sent, 1 to 8.</param>
public readonly record struct ChunkPlan(int DatagramBytes, int RedundancyPercent, int DataMin, int Copies)
{
    /// <summary>
    /// The least bound on a datagram: with 747 bytes of data beside the longest branch, 102 data chunks and the most
    /// redundancy, the longest message has 28 segments.
    /// </summary>
    public const int DatagramBytesMin = 1024;

    /// <summary>The most redundancy: two and a half times the message.</summary>
    public const int RedundancyPercentMax = 250;

    /// <summary>The most copies: three chunks eight times are 24.</summary>
    public const int CopiesMax = 8;

    /// <summary>Chunks that every path carries, with half as much parity as data, and two copies of what is
    /// small.</summary>
    public static ChunkPlan Default => new(Transport.TransportLimits.SafeDatagramBytes, 150, 1, 2);
}

/// <summary>How one segment of a message is cut.</summary>
/// <param name="Start">Where it begins in the message.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Data">k.</param>
/// <param name="Total">n.</param>
/// <param name="ChunkLength">L: bytes of data in each chunk.</param>
public readonly record struct SegmentShape(int Start, int Length, byte Data, byte Total, ushort ChunkLength);

/// <summary>
/// How a message is cut: into segments of equal length (the last may be shorter), each of which has at most 255 chunks;
/// a segment into k pieces of L bytes, L being the segment's length over k rounded up, the last filled with zeros.
/// </summary>
/// <param name="MessageLength">Bytes of the message.</param>
/// <param name="Segments">How many segments.</param>
/// <param name="Plan">What was wanted.</param>
public readonly record struct ChunkShape(int MessageLength, ushort Segments, ChunkPlan Plan)
{
    /// <summary>
    /// Cuts a message. Of the ways that keep to the datagram's bound, the one with the fewest chunks.
    /// </summary>
    /// <param name="messageLength">1 to <see cref="EnvelopeLayout.LengthMax"/>.</param>
    /// <param name="plan">What is wanted.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static ChunkShape Of(int messageLength, in ChunkPlan plan)
    {
        CheckRange(messageLength, 1, EnvelopeLayout.LengthMax);
        CheckRange(plan.DatagramBytes, ChunkPlan.DatagramBytesMin, ChunkLayout.LengthMax);
        CheckRange(plan.RedundancyPercent, 100, ChunkPlan.RedundancyPercentMax);
        CheckRange(plan.DataMin, 1, ChunkLayout.TotalMax);
        CheckRange(plan.Copies, 1, ChunkPlan.CopiesMax);
        int dataMax = DataMax(plan);
        int segmentMax = dataMax * (plan.DatagramBytes - ChunkLayout.Overhead(ChunkLayout.TotalMax));
        int segments = Divide(messageLength, segmentMax);
        return new ChunkShape(messageLength, (ushort)Divide(messageLength, Divide(messageLength, segments)), plan);
    }

    /// <summary>How a segment is cut.</summary>
    /// <param name="segment">Below <see cref="Segments"/>.</param>
    public SegmentShape Segment(int segment)
    {
        int length = SegmentLength(MessageLength, Segments, segment);
        int dataMin = Math.Min(Plan.DataMin, Math.Min(length, DataMax(Plan)));
        int depth = 0;
        while (true)
        {
            int room = Plan.DatagramBytes - ChunkLayout.BranchOffset - (depth * ChunkLayout.NodeLength);
            int data = Math.Max(Divide(length, room), dataMin);
            int chunkLength = Divide(length, data);
            data = Divide(length, chunkLength);
            int total = Total(data, Plan);
            if (ChunkLayout.Depth(total) <= depth)
            {
                int start = segment * SegmentStride(MessageLength, Segments);
                return new SegmentShape(start, length, (byte)data, (byte)total, (ushort)chunkLength);
            }

            depth++;
        }
    }

    /// <summary>From one segment's start to the next.</summary>
    internal static int SegmentStride(int messageLength, int segments) => Divide(messageLength, segments);

    /// <summary>Bytes of one segment.</summary>
    internal static int SegmentLength(int messageLength, int segments, int segment)
    {
        int stride = SegmentStride(messageLength, segments);
        return Math.Min(stride, messageLength - (segment * stride));
    }

    /// <summary>Whether a message can have so many segments and none of them is empty.</summary>
    internal static bool AreSegmentsCanonical(int messageLength, int segments) =>
        segments is > 0 and <= ChunkLayout.SegmentsMax && messageLength > 0
        && Divide(messageLength, Divide(messageLength, segments)) == segments;

    /// <summary>The quotient, rounded up; 0 of no divisor.</summary>
    internal static int Divide(int value, int divisor) =>
        divisor == 0 ? 0 : (int)(((uint)value + (uint)divisor - 1) / (uint)divisor);

    // Whole copies of what is small; else the parity that is wanted, as far as it goes.
    private static int Total(int data, in ChunkPlan plan) => data < ItemHeader.ErasureCodedMin
        ? data * plan.Copies
        : Math.Min(Divide(data * plan.RedundancyPercent, 100), ChunkLayout.TotalMax);

    private static int DataMax(in ChunkPlan plan) => ChunkLayout.TotalMax * 100 / plan.RedundancyPercent;

    private static void CheckRange(int value, int least, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most);
    }
}
