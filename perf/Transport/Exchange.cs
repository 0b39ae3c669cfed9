using System.Buffers.Binary;
using Fragcast.Primitives.Metrics;

namespace Fragcast.Perf.Transport;

/// <summary>How a message travels.</summary>
internal enum Carrier
{
    Datagram,
    Stream,
}

/// <summary>A message that goes out, and what comes back.</summary>
/// <param name="Carrier">How it travels; raw UDP has datagrams only.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="IsOneWay">
/// Whether the time until it has arrived is measured, and a short answer only asks for the next; else all of it comes
/// back and the time until then is measured.
/// </param>
internal readonly record struct Exchange(Carrier Carrier, int Bytes, bool IsOneWay)
{
    /// <summary>The largest part of a message that goes into one datagram.</summary>
    public const int PieceMax = 1200;

    /// <summary>The answer to a message that goes one way.</summary>
    public const int AnswerBytes = 8;

    public override string ToString() => IsOneWay
        ? $"{Bytes >> 10} KiB {(Carrier == Carrier.Stream ? "on a stream" : "as datagrams")}"
        : $"{Bytes} B {(Carrier == Carrier.Stream ? "on a stream" : "datagram")}";
}

/// <summary>Two ends that exchange messages.</summary>
internal interface IExchangePair : IDisposable
{
    /// <summary>Its name in figures.</summary>
    string Name { get; }

    /// <summary>Whether an allocated byte misses a goal.</summary>
    bool MustNotAllocate { get; }

    /// <summary>The name of the pair that it is compared with; null for the limits themselves.</summary>
    string? Limit { get; }

    /// <summary>Managed bytes that the process allocated in the last run after its first message.</summary>
    long AllocatedBytes { get; }

    /// <summary>Exchanges messages one after the other.</summary>
    /// <param name="exchange">What kind.</param>
    /// <param name="count">How many.</param>
    /// <param name="durations">Gets the time of each but the first.</param>
    /// <returns>Whether all that came was what was sent.</returns>
    bool Run(Exchange exchange, int count, LatencyHistogram durations);
}

/// <summary>The bytes of the messages of a run: a number that differs, and a pattern that does not.</summary>
internal sealed class MessageBytes
{
    private readonly byte[] _bytes;
    private int _position;

    public MessageBytes(int length)
    {
        _bytes = new byte[length];
        new Random(length).NextBytes(_bytes);
    }

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Span => _bytes;


    /// <summary>Makes it another message, of which nothing has arrived yet.</summary>
    public void Number(long number)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes, number);
        _position = 0;
    }

    /// <summary>Whether the next bytes to arrive are these.</summary>
    public bool TryTake(ReadOnlySpan<byte> data)
    {
        if (data.Length > _bytes.Length - _position || !data.SequenceEqual(_bytes.AsSpan(_position, data.Length)))
            return false;
        _position += data.Length;
        return true;
    }

    /// <summary>Whether all of it has arrived.</summary>
    public bool IsWhole => _position == _bytes.Length;
}
