namespace Fragcast.Gossip.Broadcast;

/// <summary>Keeps plans for each number of data chunks until the map or the losses change.</summary>
internal sealed class PlanCache(BroadcastOptions options, Redundancy redundancy)
{
    // Uplinks may be used up to this part for more parity than losses ask for.
    private const double RoomPart = 0.5;

    // The published rate is a mean over about so long.
    private const double RateWindowNs = 1e9;

    // Smaller changes of the redundancy are not worth new plans.
    private const double FactorStep = 0.04;

    private readonly Dictionary<int, BroadcastPlan> _plans = [];
    private readonly Planner _planner = new(options);
    private NetworkMap? _map;
    private double _factor;
    private double _served;
    private bool _hasRoom;
    private bool _mayBeDirect = true;
    private double _bytesPerNs;
    private long _lastNs;

    /// <summary>A plan for messages of this length.</summary>
    public BroadcastPlan Get(NetworkMap map, int self, int uplinkMbps, int length)
    {
        bool hasRoom = HasRoom(map);
        bool mayBeDirect = MayBeDirect(map, uplinkMbps);
        if (!ReferenceEquals(map, _map) || Math.Abs(_factor - redundancy.Factor) > FactorStep
            || Math.Abs(_served - redundancy.Served) > FactorStep || hasRoom != _hasRoom || mayBeDirect != _mayBeDirect)
        {
            _plans.Clear();
            _map = map;
            _factor = redundancy.Factor;
            _served = redundancy.Served;
            _hasRoom = hasRoom;
            _mayBeDirect = mayBeDirect;
            redundancy.Spent = hasRoom ? _served : _factor;
        }

        int data = Math.Max(1, (length + options.ChunkBytesMax - 1) / options.ChunkBytesMax);
        if (data > Planner.DataMax)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "A message that long goes in segments.");
        }

        if (!_plans.TryGetValue(data, out BroadcastPlan? plan))
        {
            plan = _planner.Make(new PlanInput(map, self, uplinkMbps, data, _factor, _served, hasRoom, mayBeDirect));
            _plans.Add(data, plan);
        }

        return plan;
    }

    /// <summary>Counts what is published, for the rate.</summary>
    public void NotePublished(int bytes, long nowNs)
    {
        double part = Math.Exp(-(nowNs - _lastNs) / RateWindowNs);
        _bytesPerNs = (_bytesPerNs * part) + (bytes / RateWindowNs);
        _lastNs = nowNs;
    }

    // Every byte that a node gets another one has sent: the mean uplink must bear the rate with its parity.
    private bool HasRoom(NetworkMap map)
    {
        long uplink = 0;
        for (int region = 0; region < RegionLatencies.RegionsMax; region++)
        {
            uplink += map.Region(region).TotalUplinkMbps;
        }

        double used = _bytesPerNs * Redundancy.LeafMean * Wire;
        return used < BytesPerNs(uplink / (double)Math.Max(map.Count, 1)) * Part(_hasRoom);
    }

    private bool MayBeDirect(NetworkMap map, int uplinkMbps) =>
        _bytesPerNs * Redundancy.Min * Wire * map.Count < BytesPerNs(uplinkMbps) * Part(_mayBeDirect);

    private double Wire => 1 + (options.OverheadBytes / (double)options.ChunkBytesMax);

    private static double BytesPerNs(double mbps) => mbps / 8_000;

    // With some hysteresis, so that plans do not change to and fro.
    private static double Part(bool isSo) => isSo ? RoomPart + 0.1 : RoomPart;
}
