using System.Reflection;
using System.Text.Json.Nodes;
using Fragcast.Node.Tracing;
using Fragcast.Primitives.Metrics;
using Fragcast.Primitives.Reporting;
using Spectre.Console;

namespace Fragcast.Node.Devnet;

/// <summary>What one node of a devnet did.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Result">What it committed and refused.</param>
/// <param name="Trace">The times that it took.</param>
internal sealed record NodeReport(string Name, NodeResult Result, IReadOnlyList<TraceRecord> Trace);

/// <summary>Joins what the nodes of a devnet wrote into the table and the figures.</summary>
internal sealed class DevnetReport
{
    private const double NsPerMicrosecond = 1000;

    private readonly LatencyHistogram _publishedToReceived = new();
    private readonly LatencyHistogram _receivedToReplayed = new();
    private readonly LatencyHistogram _sealToCommitted = new();
    private readonly IReadOnlyList<NodeReport> _nodes;
    private readonly IReadOnlyList<(uint Epoch, ulong Number, string Hash)> _expected;

    /// <summary>Joins the reports.</summary>
    /// <param name="nodes">One a node.</param>
    /// <param name="expected">The blocks that every node must have committed, in order, with the real hashes.</param>
    /// <param name="warmUpEpochs">Epochs at the start whose times are not counted; their hashes are.</param>
    public DevnetReport(
        IReadOnlyList<NodeReport> nodes, IReadOnlyList<(uint Epoch, ulong Number, string Hash)> expected,
        uint warmUpEpochs)
    {
        _nodes = nodes;
        _expected = expected;
        Join(warmUpEpochs);
    }

    /// <summary>Whether every node committed every block with its real hash, and lost no time taken.</summary>
    public bool AllEqual => _nodes.All(n => EqualHashes(n) == _expected.Count);

    /// <summary>Writes the tables to the terminal.</summary>
    public void Print(IAnsiConsole console)
    {
        Table nodes = new Table().Border(TableBorder.Rounded)
            .AddColumns("node", "role", "frags", "blocks", "hashes equal", "refused", "lost");
        for (int i = 2; i < nodes.Columns.Count; i++)
        {
            nodes.Columns[i].RightAligned();
        }

        foreach (NodeReport node in _nodes)
        {
            int equal = EqualHashes(node);
            string color = equal == _expected.Count ? "green" : "red";
            nodes.AddRow(
                node.Name,
                node.Result.Role,
                $"{node.Result.Frags:N0}",
                $"{node.Result.Blocks.Count:N0}",
                $"[{color}]{equal:N0} of {_expected.Count:N0}[/]",
                $"{node.Result.Refusals.Values.Sum():N0}",
                $"{node.Result.BroadcastDrops:N0}");
        }

        console.Write(nodes);

        Table stages = new Table().Border(TableBorder.Rounded)
            .AddColumns("stage (µs)", "count", "p50", "p99", "max");
        for (int i = 1; i < stages.Columns.Count; i++)
        {
            stages.Columns[i].RightAligned();
        }

        foreach ((string name, LatencyHistogram histogram) in Stages())
        {
            stages.AddRow(
                name, $"{histogram.Count:N0}", Microseconds(histogram, 50), Microseconds(histogram, 99),
                histogram.Count == 0 ? "-" : $"{histogram.Max / NsPerMicrosecond:N0}");
        }

        console.Write(stages);
        foreach (NodeReport node in _nodes.Where(n => n.Result.Refusals.Count > 0))
        {
            console.MarkupLineInterpolated(
                $"{node.Name} refused: {string.Join(", ", node.Result.Refusals.Select(r => $"{r.Key} {r.Value}"))}");
        }
    }

    /// <summary>The figures in the project's one form.</summary>
    public Report ToReport(JsonObject parameters)
    {
        var figures = new List<Figure>();
        foreach ((string name, LatencyHistogram h) in Stages())
        {
            figures.Add(Figure.Latency(name, h));
        }

        foreach (NodeReport node in _nodes)
        {
            figures.Add(Figure.Single($"{node.Name} frags", "frags", node.Result.Frags));
            figures.Add(Figure.Single($"{node.Name} blocks", "blocks", node.Result.Blocks.Count));
            figures.Add(Figure.Single($"{node.Name} hashes equal", "blocks", EqualHashes(node))
                .WithAtLeast(FigurePart.Value, _expected.Count));
            figures.Add(Figure.Single($"{node.Name} refused", "messages", node.Result.Refusals.Values.Sum()));
        }

        return Report.Create("devnet", parameters, Assembly.GetExecutingAssembly(), figures);
    }

    private static string Microseconds(LatencyHistogram histogram, double percentile) =>
        histogram.Count == 0 ? "-" : $"{histogram.ValueAtPercentile(percentile) / NsPerMicrosecond:N0}";

    private (string Name, LatencyHistogram Histogram)[] Stages() =>
    [
        ("published → received", _publishedToReceived),
        ("received → replayed", _receivedToReplayed),
        ("seal received → committed", _sealToCommitted),
    ];

    private int EqualHashes(NodeReport node) =>
        node.Result.Blocks.Zip(_expected)
            .Count(pair => pair.First.Epoch == pair.Second.Epoch && pair.First.Number == pair.Second.Number
                && pair.First.Hash == pair.Second.Hash);

    private void Join(uint warmUpEpochs)
    {
        var published = new Dictionary<(TraceSubject, uint, ulong, ulong), long>();
        foreach (TraceRecord record in _nodes.SelectMany(n => n.Trace).Where(r => r.Point == TracePoint.Published))
        {
            published[Key(record)] = record.TimeNs;
        }

        foreach (NodeReport node in _nodes)
        {
            var received = new Dictionary<(TraceSubject, uint, ulong, ulong), long>();
            foreach (TraceRecord record in node.Trace.Where(r => r.Epoch >= warmUpEpochs))
            {
                Add(record, published, received);
            }
        }
    }

    private void Add(
        in TraceRecord record, Dictionary<(TraceSubject, uint, ulong, ulong), long> published,
        Dictionary<(TraceSubject, uint, ulong, ulong), long> received)
    {
        switch (record.Point)
        {
            case TracePoint.Received:
                received[Key(record)] = record.TimeNs;
                if (record.Subject == TraceSubject.Frag && published.TryGetValue(Key(record), out long sentNs))
                {
                    _publishedToReceived.Record(record.TimeNs - sentNs);
                }

                break;
            case TracePoint.Replayed when received.TryGetValue(Key(record), out long receivedNs):
                _receivedToReplayed.Record(record.TimeNs - receivedNs);
                break;
            case TracePoint.Committed when received.TryGetValue(Key(record), out long sealNs):
                _sealToCommitted.Record(record.TimeNs - sealNs);
                break;
            default:
                break;
        }
    }

    private static (TraceSubject Subject, uint Epoch, ulong Block, ulong Sequence) Key(in TraceRecord record) =>
        (record.Subject, record.Epoch, record.BlockNumber, record.Sequence);
}
