namespace Fragcast.Perf.Simulate.Schemes;

/// <summary>
/// What the schemes that send whole messages have in common. In all that the model leaves out it favours them: every
/// message has a QUIC stream of its own with a window that is always open, is late by one jitter and not by the largest
/// of its packets', and a loss is found at once and costs one round trip.
/// </summary>
internal static class WholeMessages
{
    /// <summary>IP, UDP and QUIC around the payload of a packet.</summary>
    public const int PacketOverhead = 58;

    /// <summary>Bytes of a control message on the wire.</summary>
    public const int ControlBytes = 104;

    /// <summary>A signature, and then hashing: what a whole message costs before it may be passed on.</summary>
    public static long ValidationNs(int length) => 54_000 + (2L * length);

    /// <summary>Bytes of a message on the wire.</summary>
    public static int OnWire(int length)
    {
        const int Payload = Simulation.PacketBytes - PacketOverhead;
        return length + ((length + Payload - 1) / Payload * PacketOverhead);
    }

    /// <summary>A message with an item.</summary>
    public static SimMessage Of(Simulation simulation, int item, int to) => new()
    {
        To = to,
        Item = item,
        Bytes = OnWire(simulation.Traffic[item].Length),
    };

    /// <summary>Notes that a whole item has come.</summary>
    /// <returns>False if it was there.</returns>
    public static bool TryTake(Lane lane, int node, in SimMessage message, long nowNs)
    {
        lane.Counters.ItemBytes += message.Bytes;
        if (!lane.MarkDecodable(node, message.Item, nowNs)) return false;
        lane.MarkFirst(node, message.Item, nowNs);
        lane.Counters.NeededBytes += message.Bytes;
        return true;
    }
}
