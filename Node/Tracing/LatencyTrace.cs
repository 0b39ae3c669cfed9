using System.Globalization;
using System.Text;

namespace Fragcast.Node.Tracing;

/// <summary>A point on the way of a message at which its time is taken.</summary>
internal enum TracePoint : byte
{
    /// <summary>The sequencer hands a finished message to the ring towards the network.</summary>
    Published = 0,

    /// <summary>All bytes of the message are at a node.</summary>
    Received,

    /// <summary>The frag is part of the node's partial block.</summary>
    Replayed,

    /// <summary>The block is compared and committed.</summary>
    Committed,
}

/// <summary>What kind of message a time belongs to.</summary>
internal enum TraceSubject : byte
{
    /// <summary>A frag.</summary>
    Frag = 0,

    /// <summary>A seal.</summary>
    Seal,

    /// <summary>An Env.</summary>
    Env,
}

/// <summary>One time taken.</summary>
internal readonly record struct TraceRecord(
    TracePoint Point, TraceSubject Subject, uint Epoch, ulong BlockNumber, ulong Sequence, long TimeNs);

/// <summary>
/// Times taken by one thread, into memory that is allocated beforehand. When it is full further ones are counted and
/// dropped. One writer; read it after the writer has stopped or paused.
/// </summary>
/// <param name="capacity">How many times fit; 0 switches the trace off.</param>
internal sealed class LatencyTrace(int capacity)
{
    /// <summary>Room for 65,536 times of 40 bytes each, 2.5 MiB a stage.</summary>
    public const int CapacityDefault = 1 << 16;

    private readonly TraceRecord[] _records = new TraceRecord[capacity];
    private int _count;

    /// <summary>Times that found no room.</summary>
    public long Dropped { get; private set; }

    /// <summary>The times taken so far, in order.</summary>
    public ReadOnlySpan<TraceRecord> Records => _records.AsSpan(0, Volatile.Read(ref _count));

    /// <summary>Takes a time.</summary>
    public void Record(in TraceRecord record)
    {
        if (_count < _records.Length)
        {
            _records[_count] = record;
            // Release: whoever reads the count sees the record.
            Volatile.Write(ref _count, _count + 1);
        }
        else if (_records.Length > 0)
        {
            Dropped++;
        }
    }
}

/// <summary>Traces as text, a time a line: point, subject, epoch, block, sequence, nanoseconds.</summary>
internal static class TraceFile
{
    /// <summary>Writes traces one after the other.</summary>
    public static void Write(string path, params ReadOnlySpan<LatencyTrace> traces)
    {
        var text = new StringBuilder();
        foreach (LatencyTrace trace in traces)
        {
            foreach (TraceRecord r in trace.Records)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"{r.Point},{r.Subject},{r.Epoch},{r.BlockNumber},{r.Sequence},{r.TimeNs}\n");
            }
        }

        File.WriteAllText(path, text.ToString());
    }

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">A line has another form.</exception>
    public static IEnumerable<TraceRecord> Read(string path)
    {
        foreach (string line in File.ReadLines(path))
        {
            string[] parts = line.Split(',');
            if (parts.Length != 6)
            {
                throw new FormatException($"{path}: not a trace line: {line}");
            }

            yield return new TraceRecord(
                Enum.Parse<TracePoint>(parts[0]),
                Enum.Parse<TraceSubject>(parts[1]),
                uint.Parse(parts[2], CultureInfo.InvariantCulture),
                ulong.Parse(parts[3], CultureInfo.InvariantCulture),
                ulong.Parse(parts[4], CultureInfo.InvariantCulture),
                long.Parse(parts[5], CultureInfo.InvariantCulture));
        }
    }
}
