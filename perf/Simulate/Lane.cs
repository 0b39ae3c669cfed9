using Fragcast.Transport;

namespace Fragcast.Perf.Simulate;

/// <summary>
/// Some of the nodes and the thread that runs them. Within a window no message can get from one node to another, so a
/// lane takes its nodes one by one and runs each through all that happens to it in the window, in order of time: what
/// it touches stays in the cache, and neither the order of nodes nor the number of lanes matters.
/// </summary>
internal sealed class Lane
{
    // A stream's loss is found and sent again at most so often: 0.1^8 is never.
    private const int StreamRoundsMax = 8;

    private readonly Simulation _simulation;
    private readonly SimConfig _config;
    private readonly int _number;
    private readonly int _first;
    private readonly int _count;
    private readonly int _shift;
    private readonly int[] _offsets;
    private readonly uint _loss;
    private readonly uint _streamLoss;
    private SimMessage[] _sorted = new SimMessage[1024];

    public Lane(Simulation simulation, int number, int first, int count)
    {
        _simulation = simulation;
        _config = simulation.Config;
        _number = number;
        _first = first;
        _count = count;
        _shift = simulation.WindowBits;
        _offsets = new int[count + 1];
        _loss = _config.BurstNs > 0 ? 0 : Draw.Threshold(_config.Loss);
        _streamLoss = Draw.Threshold(_config.Loss);
        Wheel = new Wheel(simulation.Blocks, simulation.LaneCount);
    }

    /// <summary>What this lane's nodes send.</summary>
    public Wheel Wheel { get; }

    /// <summary>What happened here.</summary>
    public LaneCounters Counters { get; } = new();

    /// <summary>Everything.</summary>
    public Simulation Simulation => _simulation;

    /// <summary>Runs all nodes through a window.</summary>
    public void Run(long window)
    {
        Collect(window);
        long startNs = window << _shift;
        long endNs = (window + 1) << _shift;
        long[] dueNs = _simulation.DueNs;
        for (int i = 0; i < _count; i++)
        {
            int node = _first + i;
            int begin = i == 0 ? 0 : _offsets[i - 1];
            int end = _offsets[i];
            if (begin == end && dueNs[node] >= endNs) continue;
            RunNode(node, _sorted.AsSpan(begin, end - begin), startNs, endNs);
        }
    }

    /// <summary>
    /// Sends a datagram.
    /// </summary>
    /// <param name="node">Who sends; one of this lane.</param>
    /// <param name="message">To whom and what; sender and number are filled in.</param>
    /// <param name="egressClass">Its class.</param>
    /// <param name="nowNs">The node's time.</param>
    /// <returns>False if the uplink's queue is full.</returns>
    public bool TrySend(int node, ref SimMessage message, EgressClass egressClass, long nowNs)
    {
        ref SimNode sender = ref _simulation.Nodes[node];
        message.From = node;
        message.Sequence = sender.Sent++;
        Counters.Sent++;
        bool goesFirst = egressClass == EgressClass.Realtime || !_config.HasPriority;
        if (goesFirst || sender.UpFreeNs <= nowNs)
        {
            // Whatever may overtake this one is not there yet, or may not: the time of its departure is known.
            long startNs = Math.Max(nowNs, sender.UpFreeNs);
            if (startNs - nowNs <= _config.QueueNs)
            {
                Transmit(ref sender, ref message, startNs);
                return true;
            }
        }
        else
        {
            EgressQueue queue = _simulation.QueueOf(node);
            if ((queue.ControlBytes * sender.UpCost) >> SimNode.CostBits <= _config.QueueNs)
            {
                queue.AddControl(message);
                return true;
            }
        }

        Counters.UplinkDrops++;
        return false;
    }

    /// <summary>
    /// Sends a message on a stream of its own: it is never dropped, and losses cost it round trips. It waits for
    /// everything else, or only for frags.
    /// </summary>
    public void SendStream(
        int node, ref SimMessage message, long nowNs, EgressClass egressClass = EgressClass.Bulk)
    {
        ref SimNode sender = ref _simulation.Nodes[node];
        message.From = node;
        message.Sequence = sender.Sent++;
        message.Kind |= Simulation.StreamKind;
        Counters.Sent++;
        if (sender.UpFreeNs <= nowNs)
            TransmitStream(ref sender, ref message, nowNs);
        else if (egressClass == EgressClass.Bulk)
            _simulation.QueueOf(node).AddBulk(message);
        else
            _simulation.QueueOf(node).AddControl(message);
    }

    /// <summary>
    /// Asks that the scheme's <see cref="IScheme.Wake"/> is called for a node, at a time at the latest.
    /// </summary>
    public void WakeBy(int node, long ns)
    {
        ref long wakeNs = ref _simulation.WakeNs[node];
        if (ns < wakeNs) wakeNs = ns;
    }

    /// <summary>A part of an item is at a node.</summary>
    public void MarkFirst(int node, int item, long nowNs) =>
        _simulation.Recorder.MarkFirst(node, item, nowNs - _simulation.Traffic[item].PublishedNs);

    /// <summary>A node can put an item together.</summary>
    /// <returns>False if it could before.</returns>
    public bool MarkDecodable(int node, int item, long nowNs)
    {
        long afterNs = nowNs - _simulation.Traffic[item].PublishedNs;
        if (!_simulation.Recorder.MarkDecodable(node, item, afterNs)) return false;
        if (_simulation.Nodes[node].Is(NodeFlags.Leader)) _simulation.OnLeaderHas(node, item, nowNs);
        return true;
    }

    // Brings the window's messages into the order of receivers, and of time for each.
    private void Collect(long window)
    {
        Array.Clear(_offsets);
        int total = 0;
        foreach (Lane lane in _simulation.Lanes)
        {
            for (Block? block = lane.Wheel.Read(window, _number); block is not null; block = block.Next)
            {
                ReadOnlySpan<SimMessage> messages = block.Messages.AsSpan(0, block.Count);
                total += messages.Length;
                foreach (ref readonly SimMessage message in messages) _offsets[message.To - _first]++;
            }
        }

        if (total > _sorted.Length) _sorted = new SimMessage[Math.Max(total, _sorted.Length * 2)];
        int sum = 0;
        for (int i = 0; i < _count; i++)
        {
            sum += _offsets[i];
            _offsets[i] = sum - _offsets[i];
        }

        // Each offset runs from the first place of its node to the first of the next one.
        foreach (Lane lane in _simulation.Lanes)
        {
            for (Block? block = lane.Wheel.Read(window, _number); block is not null; block = block.Next)
            {
                foreach (ref readonly SimMessage message in block.Messages.AsSpan(0, block.Count))
                    _sorted[_offsets[message.To - _first]++] = message;
            }

            lane.Wheel.Clear(window, _number);
        }
    }

    private void RunNode(int node, Span<SimMessage> messages, long startNs, long endNs)
    {
        Sort(messages);
        ref SimNode state = ref _simulation.Nodes[node];
        foreach (ref SimMessage message in messages)
        {
            long arrivalNs = startNs + message.Offset;
            if (!TryTake(ref state, node, message, arrivalNs, out long takenNs)) continue;
            IScheme scheme = _simulation.Scheme;
            long costNs = scheme.CostNs(node, message);
            if (state.Is(NodeFlags.Slow)) costNs *= Simulation.SlowFactor;
            long doneNs = Math.Max(takenNs, state.BusyNs) + costNs;
            Advance(ref state, node, doneNs);
            state.BusyNs = doneNs;
            Counters.Delivered++;
            Counters.Digest += Draw.Mix(
                (ulong)doneNs ^ ((ulong)node << 44) ^ ((ulong)message.From << 24)
                ^ (((ulong)message.Item << 8) + message.Index + ((ulong)message.Kind << 56)));
            scheme.Receive(this, node, message, doneNs);
        }

        Advance(ref state, node, endNs - 1);
        long dueNs = _simulation.OwnDueNs(node);
        if (_simulation.Queues[node] is { IsEmpty: false }) dueNs = Math.Min(dueNs, state.UpFreeNs);
        _simulation.DueNs[node] = dueNs;
    }

    // Few messages nearly in order are what a node gets in a window; leaders of some schemes get many.
    private static void Sort(Span<SimMessage> messages)
    {
        if (messages.Length > 64)
        {
            messages.Sort(static (left, right) => left.IsBefore(right) ? -1 : 1);
            return;
        }

        for (int i = 1; i < messages.Length; i++)
        {
            if (!messages[i].IsBefore(messages[i - 1])) continue;
            SimMessage moved = messages[i];
            int to = i;
            do
            {
                messages[to] = messages[to - 1];
                to--;
            }
            while (to > 0 && moved.IsBefore(messages[to - 1]));
            messages[to] = moved;
        }
    }

    // The downlink: bursts of loss, a queue, and the time to take the message.
    private bool TryTake(ref SimNode state, int node, in SimMessage message, long arrivalNs, out long takenNs)
    {
        // Messages that arrive while the node is away, or is back for a moment within the window, see what it is then.
        if (state.Is(NodeFlags.Churns)) Advance(ref state, node, arrivalNs);
        takenNs = 0;
        if (!state.IsUp)
        {
            _simulation.Scheme.OnLost(message);
            return false;
        }

        long takesNs = ((long)message.Bytes * state.DownCost) >> SimNode.CostBits;
        if ((message.Kind & Simulation.StreamKind) != 0)
        {
            // Its packets came one by one while they were sent: only the slower of the two lines counts.
            long sendsNs = ((long)message.Bytes * _simulation.UpCosts[message.From]) >> SimNode.CostBits;
            takenNs = Math.Max(arrivalNs, Math.Max(state.DownFreeNs, arrivalNs - sendsNs) + takesNs);
        }
        else
        {
            if (_simulation.Bursts is { } bursts && bursts[node].IsLost(arrivalNs))
            {
                Counters.Lost++;
                _simulation.Scheme.OnLost(message);
                return false;
            }

            long beginNs = Math.Max(arrivalNs, state.DownFreeNs);
            if (beginNs - arrivalNs > _config.QueueNs)
            {
                Counters.DownlinkDrops++;
                _simulation.Scheme.OnLost(message);
                return false;
            }

            takenNs = beginNs + takesNs;
        }

        state.DownFreeNs = takenNs;
        state.BytesIn += message.Bytes;
        return true;
    }

    // All that a node does of itself up to a time, in order: coming and going, publishing, waking, sending what waits.
    private void Advance(ref SimNode state, int node, long untilNs)
    {
        while (true)
        {
            long dueNs = _simulation.OwnDueNs(node);
            if (dueNs > untilNs) break;
            SendWaiting(ref state, node, dueNs);
            long nowNs = Math.Max(dueNs, state.BusyNs);
            if (_simulation.ToggleNs is { } toggles && toggles[node] == dueNs)
            {
                _simulation.Toggle(this, node, dueNs);
            }
            else if (_simulation.PublishNs[node] == dueNs)
            {
                _simulation.Publish(this, node, nowNs);
            }
            else
            {
                _simulation.WakeNs[node] = long.MaxValue;
                if (state.IsUp) _simulation.Scheme.Wake(this, node, nowNs);
            }
        }

        SendWaiting(ref state, node, untilNs);
    }

    private void SendWaiting(ref SimNode state, int node, long untilNs)
    {
        if (_simulation.Queues[node] is not { } queue) return;
        while (!queue.IsEmpty && state.UpFreeNs <= untilNs)
        {
            SimMessage message = queue.Take();
            if ((message.Kind & Simulation.StreamKind) == 0)
                Transmit(ref state, ref message, state.UpFreeNs);
            else if (_simulation.Scheme.IsWanted(message))
                TransmitStream(ref state, ref message, state.UpFreeNs);
        }
    }

    private void Transmit(ref SimNode sender, ref SimMessage message, long startNs)
    {
        int bytes = message.Bytes;
        long sentNs = startNs + (((long)bytes * sender.UpCost) >> SimNode.CostBits);
        sender.UpFreeNs = sentNs;
        sender.BytesOut += bytes;
        if (sender.Is(NodeFlags.Leader)) CountOwn(message, bytes);
        ulong bits = Draw.Next(ref sender.Random);
        if ((uint)bits < _loss)
        {
            Counters.Lost++;
            _simulation.Scheme.OnLost(message);
            return;
        }

        Post(ref message, sentNs + LatencyNs(sender.Region, message.To, (uint)(bits >> 32)));
    }

    private void TransmitStream(ref SimNode sender, ref SimMessage message, long startNs)
    {
        int packets = (message.Bytes + Simulation.PacketBytes - 1) / Simulation.PacketBytes;
        long roundTripNs = _simulation.RoundTripNs(sender.Region, _simulation.RegionOf[message.To]);
        long bytes = message.Bytes;
        long lateNs = 0;
        for (int round = 0; round < StreamRoundsMax && packets > 0; round++)
        {
            int lost = 0;
            for (int i = 0; i < packets; i++)
            {
                if ((uint)Draw.Next(ref sender.Random) < _streamLoss) lost++;
            }

            packets = lost;
            if (lost == 0) break;
            Counters.Lost += lost;
            bytes += (long)lost * Simulation.PacketBytes;
            lateNs += roundTripNs;
        }

        long sentNs = startNs + ((bytes * sender.UpCost) >> SimNode.CostBits);
        sender.UpFreeNs = sentNs;
        sender.BytesOut += bytes;
        if (sender.Is(NodeFlags.Leader)) CountOwn(message, bytes);
        uint bits = (uint)(Draw.Next(ref sender.Random) >> 32);
        Post(ref message, sentNs + lateNs + LatencyNs(sender.Region, message.To, bits));
    }

    private void CountOwn(in SimMessage message, long bytes)
    {
        if (_simulation.Traffic[message.Item].Leader != message.From) return;
        // Where one leads always, the others that might lead are nodes like any.
        if (message.To < _config.Leaders && _config.RotateNs != 0)
            Counters.LeaderToLeaders += bytes;
        else
        {
            Counters.LeaderToRelays += bytes;
            Counters.LeaderOverhead += _simulation.Scheme.OverheadOf(message);
        }
    }

    private long LatencyNs(int region, int to, uint bits)
    {
        int other = _simulation.RegionOf[to];
        long ns = _simulation.Regions.FloorNs(region, other);
        if ((int)bits < 0) ns += Draw.ExponentialOf(bits & int.MaxValue, _simulation.Regions.JitterNs(region, other));
        return ns;
    }

    private void Post(ref SimMessage message, long arrivalNs)
    {
        if (_config.IsCold) arrivalNs += _simulation.HandshakeNs(message.From, message.To, arrivalNs);
        message.Offset = (uint)(arrivalNs & ((1L << _shift) - 1));
        Wheel.Add(arrivalNs >> _shift, _simulation.LaneOf[message.To], message);
    }
}
