namespace Fragcast.Perf.Simulate;

/// <summary>
/// What waits for a node's uplink behind what goes first: a ring for each of the two lower classes, taken from the heap
/// when it is first needed and doubled when it is full. Who puts messages in sees to a bound.
/// </summary>
internal sealed class EgressQueue
{
    private const int FirstSize = 16;

    private readonly Ring _control = new();
    private readonly Ring _bulk = new();

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _control.Count + _bulk.Count == 0;

    /// <summary>Bytes of the control class that wait.</summary>
    public long ControlBytes { get; private set; }

    /// <summary>Adds to the control class.</summary>
    public void AddControl(in SimMessage message)
    {
        _control.Add(message);
        ControlBytes += message.Bytes;
    }

    /// <summary>Adds to the bulk class.</summary>
    public void AddBulk(in SimMessage message) => _bulk.Add(message);

    /// <summary>Takes what is next out; the control class first.</summary>
    public SimMessage Take()
    {
        if (_control.Count == 0) return _bulk.Take();
        SimMessage message = _control.Take();
        ControlBytes -= message.Bytes;
        return message;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _control.Clear();
        _bulk.Clear();
        ControlBytes = 0;
    }

    private sealed class Ring
    {
        private SimMessage[] _messages = [];
        private int _first;

        public int Count { get; private set; }

        public void Add(in SimMessage message)
        {
            if (Count == _messages.Length) Grow();
            _messages[(_first + Count++) & (_messages.Length - 1)] = message;
        }

        public SimMessage Take()
        {
            SimMessage message = _messages[_first];
            _first = (_first + 1) & (_messages.Length - 1);
            Count--;
            return message;
        }

        public void Clear() => Count = 0;

        private void Grow()
        {
            SimMessage[] larger = new SimMessage[Math.Max(_messages.Length * 2, FirstSize)];
            for (int i = 0; i < Count; i++) larger[i] = _messages[(_first + i) & (_messages.Length - 1)];
            _messages = larger;
            _first = 0;
        }
    }
}
