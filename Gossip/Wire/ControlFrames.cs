using System.Buffers.Binary;

namespace Fragcast.Gossip.Wire;

/// <summary>Reads and writes the unsigned frames of a gossip stream; see <see cref="GreetingLayout"/>.</summary>
public static class ControlFrames
{
    /// <summary>Length of a control frame with its length prefix.</summary>
    public const int FramedLength = GreetingLayout.LengthPrefix + GreetingLayout.Length;

    /// <summary>Writes a greeting, length prefix included.</summary>
    /// <param name="destination">At least <see cref="FramedLength"/> bytes.</param>
    /// <param name="networkId">The network that the sender is in.</param>
    public static void WriteGreeting(Span<byte> destination, ulong networkId)
    {
        Span<byte> body = Begin(destination, GreetingLayout.GreetingMark);
        body[GreetingLayout.VersionOffset] = GreetingLayout.Version;
        BinaryPrimitives.WriteUInt32LittleEndian(body[GreetingLayout.MagicOffset..], GreetingLayout.Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(body[GreetingLayout.NetworkIdOffset..], networkId);
    }

    /// <summary>Checks a greeting.</summary>
    /// <param name="frame">The frame without its length prefix.</param>
    /// <param name="networkId">The network that this node is in.</param>
    public static Refusal ReadGreeting(ReadOnlySpan<byte> frame, ulong networkId)
    {
        if (frame.Length != GreetingLayout.Length || frame[0] != GreetingLayout.GreetingMark
            || BinaryPrimitives.ReadUInt32LittleEndian(frame[GreetingLayout.MagicOffset..]) != GreetingLayout.Magic)
        {
            return Refusal.BadGreeting;
        }

        if (frame[GreetingLayout.VersionOffset] != GreetingLayout.Version)
        {
            return Refusal.UnknownVersion;
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(frame[GreetingLayout.NetworkIdOffset..]) == networkId
            ? Refusal.None
            : Refusal.WrongNetwork;
    }

    /// <summary>Writes a head notice, length prefix included.</summary>
    /// <param name="destination">At least <see cref="FramedLength"/> bytes.</param>
    /// <param name="head">How far the sender is.</param>
    public static void WriteHead(Span<byte> destination, HeadNotice head)
    {
        Span<byte> body = Begin(destination, GreetingLayout.HeadMark);
        BinaryPrimitives.WriteUInt32LittleEndian(body[GreetingLayout.EpochOffset..], head.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(body[GreetingLayout.HeadNumberOffset..], head.Number);
    }

    /// <summary>Reads a head notice.</summary>
    /// <param name="frame">The frame without its length prefix.</param>
    /// <param name="head">How far the sender says it is.</param>
    /// <returns>False when the frame is no head notice.</returns>
    public static bool TryReadHead(ReadOnlySpan<byte> frame, out HeadNotice head)
    {
        head = default;
        if (frame.Length != GreetingLayout.Length || frame[0] != GreetingLayout.HeadMark)
        {
            return false;
        }

        head = new HeadNotice(
            BinaryPrimitives.ReadUInt32LittleEndian(frame[GreetingLayout.EpochOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(frame[GreetingLayout.HeadNumberOffset..]));
        return true;
    }

    /// <summary>Writes a request for blocks, length prefix included.</summary>
    /// <param name="destination">At least <see cref="FramedLength"/> bytes.</param>
    /// <param name="request">What is wanted.</param>
    public static void WriteBlockRequest(Span<byte> destination, BlockRequest request)
    {
        Span<byte> body = Begin(destination, GreetingLayout.BlockRequestMark);
        BinaryPrimitives.WriteUInt16LittleEndian(body[GreetingLayout.CountOffset..], request.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(body[GreetingLayout.EpochOffset..], request.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(body[GreetingLayout.HeadNumberOffset..], request.FromBlock);
    }

    /// <summary>Reads a request for blocks.</summary>
    /// <param name="frame">The frame without its length prefix.</param>
    /// <param name="request">What is wanted.</param>
    /// <returns>False when the frame is no such request, or asks for none or too many.</returns>
    public static bool TryReadBlockRequest(ReadOnlySpan<byte> frame, out BlockRequest request)
    {
        request = default;
        if (frame.Length != GreetingLayout.Length || frame[0] != GreetingLayout.BlockRequestMark || frame[1] != 0)
        {
            return false;
        }

        request = new BlockRequest(
            BinaryPrimitives.ReadUInt32LittleEndian(frame[GreetingLayout.EpochOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(frame[GreetingLayout.HeadNumberOffset..]),
            BinaryPrimitives.ReadUInt16LittleEndian(frame[GreetingLayout.CountOffset..]));
        return request.Count is > 0 and <= BlockRequest.CountMax;
    }

    private static Span<byte> Begin(Span<byte> destination, byte mark)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, GreetingLayout.Length);
        Span<byte> body = destination.Slice(GreetingLayout.LengthPrefix, GreetingLayout.Length);
        body.Clear();
        body[0] = mark;
        return body;
    }
}

/// <summary>Asks a peer for the messages of blocks that it has kept, sealed or not.</summary>
/// <param name="Epoch">How often the chain was started anew.</param>
/// <param name="FromBlock">The first block.</param>
/// <param name="Count">How many blocks, 1 to <see cref="CountMax"/>.</param>
public readonly record struct BlockRequest(uint Epoch, ulong FromBlock, ushort Count)
{
    /// <summary>Most blocks in a request: as many as a node takes messages for past its head.</summary>
    public const ushort CountMax = 16;

    /// <summary>Whether a block is asked for.</summary>
    public bool Covers(uint epoch, ulong block) =>
        epoch == Epoch && block >= FromBlock && block - FromBlock < Count;
}

/// <summary>How far a node is. Ordered: first by epoch, then by number.</summary>
/// <param name="Epoch">How often the chain was started anew.</param>
/// <param name="Number">Number of its last committed block.</param>
public readonly record struct HeadNotice(uint Epoch, ulong Number)
{
    /// <summary>Whether this head is at or past another.</summary>
    public bool HasReached(HeadNotice other) =>
        Epoch > other.Epoch || (Epoch == other.Epoch && Number >= other.Number);
}
