namespace Fragcast.Transport;

/// <summary>Names one connection of one endpoint. Never reused: the generation grows with each use of a slot.</summary>
public readonly record struct ConnectionId
{
    internal ConnectionId(ulong value) => Value = value;

    /// <summary>Generation in the upper half, slot in the lower; 0 names no connection.</summary>
    public ulong Value { get; }

    /// <summary>True for the default value.</summary>
    public bool IsNone => Value == 0;

    /// <summary>Slot and generation, for logs.</summary>
    public override string ToString() => $"c{(uint)Value}.{(uint)(Value >> 32)}";
}

/// <summary>Names one stream of one connection. Never reused.</summary>
public readonly record struct StreamId
{
    internal StreamId(ConnectionId connection, ulong value)
    {
        Connection = connection;
        Value = value;
    }

    /// <summary>The connection that carries the stream.</summary>
    public ConnectionId Connection { get; }

    /// <summary>Generation in the upper half, slot in the lower; 0 names no stream.</summary>
    public ulong Value { get; }

    /// <summary>True for the default value.</summary>
    public bool IsNone => Value == 0;

    /// <summary>Connection, slot and generation, for logs.</summary>
    public override string ToString() => $"{Connection}/s{(uint)Value}.{(uint)(Value >> 32)}";
}
