namespace Fragcast.Perf.Simulate;

/// <summary>What a lane counts; sums of these do not depend on how nodes are spread over lanes.</summary>
internal sealed class LaneCounters
{
    /// <summary>Messages handled.</summary>
    public long Delivered { get; set; }

    /// <summary>Messages sent.</summary>
    public long Sent { get; set; }

    /// <summary>Messages lost on the way.</summary>
    public long Lost { get; set; }

    /// <summary>Messages that found an uplink's queue full.</summary>
    public long UplinkDrops { get; set; }

    /// <summary>Messages that found a downlink's queue full.</summary>
    public long DownlinkDrops { get; set; }

    /// <summary>Bytes that leaders sent of their own items to ordinary nodes.</summary>
    public long LeaderToRelays { get; set; }

    /// <summary>Of these, what is not the message: heads of all layers.</summary>
    public long LeaderOverhead { get; set; }

    /// <summary>Bytes that leaders sent of their own items to other leaders.</summary>
    public long LeaderToLeaders { get; set; }

    /// <summary>Bytes of items that nodes got, the first of every chunk and all that came again.</summary>
    public long ItemBytes { get; set; }

    /// <summary>
    /// Bytes of items that nodes needed: those of the first chunks that were enough, or of one message.
    /// </summary>
    public long NeededBytes { get; set; }

    /// <summary>Requests for repair.</summary>
    public long RepairRequests { get; set; }

    /// <summary>Chunks or messages that answer them.</summary>
    public long Repairs { get; set; }

    /// <summary>Chunks that nodes should have relayed and did not: too many, or too late.</summary>
    public long RelaysGivenUp { get; set; }

    /// <summary>Items that nodes no longer asked for.</summary>
    public long RepairsGivenUp { get; set; }

    /// <summary>Peers found misbehaving, each time.</summary>
    public long Misbehaviours { get; set; }

    /// <summary>Of these, where the peer was an honest one: must be none.</summary>
    public long FalseAccusations { get; set; }

    /// <summary>Nodes that found two items for one place.</summary>
    public long Equivocations { get; set; }

    /// <summary>The sum of a hash of every message handled: node, sender, contents, time.</summary>
    public ulong Digest { get; set; }

    /// <summary>Adds another lane's.</summary>
    public void Add(LaneCounters other)
    {
        Delivered += other.Delivered;
        Sent += other.Sent;
        Lost += other.Lost;
        UplinkDrops += other.UplinkDrops;
        DownlinkDrops += other.DownlinkDrops;
        LeaderToRelays += other.LeaderToRelays;
        LeaderOverhead += other.LeaderOverhead;
        LeaderToLeaders += other.LeaderToLeaders;
        ItemBytes += other.ItemBytes;
        NeededBytes += other.NeededBytes;
        RepairRequests += other.RepairRequests;
        Repairs += other.Repairs;
        Misbehaviours += other.Misbehaviours;
        FalseAccusations += other.FalseAccusations;
        Equivocations += other.Equivocations;
        Digest += other.Digest;
    }
}
