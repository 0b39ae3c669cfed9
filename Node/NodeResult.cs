using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fragcast.Node;

/// <summary>What a node committed and refused, as it writes it at the end.</summary>
internal sealed record NodeResult
{
    /// <summary>The node's peer id.</summary>
    public required string PeerId { get; init; }

    /// <summary>sequencer or follower.</summary>
    public required string Role { get; init; }

    /// <summary>Transport engine and versions.</summary>
    public required string Transport { get; init; }

    /// <summary>Committed blocks in order.</summary>
    public required IReadOnlyList<CommittedBlock> Blocks { get; init; }

    /// <summary>Frags that became part of a committed or partial block, own ones included.</summary>
    public required long Frags { get; init; }

    /// <summary>Refused messages by reason.</summary>
    public required IReadOnlyDictionary<string, long> Refusals { get; init; }

    /// <summary>Messages that a slow peer lost.</summary>
    public required long BroadcastDrops { get; init; }

    /// <summary>Times that found no room in the trace.</summary>
    public required long TraceDropped { get; init; }

    /// <summary>Writes the result.</summary>
    public void Write(string path) =>
        File.WriteAllText(path, JsonSerializer.Serialize(this, NodeResultJson.Default.NodeResult));

    /// <summary>Reads a result; null when the file holds none.</summary>
    public static NodeResult? Read(string path) =>
        JsonSerializer.Deserialize(File.ReadAllText(path), NodeResultJson.Default.NodeResult);
}

/// <summary>A committed block.</summary>
/// <param name="Epoch">How often the chain was started anew.</param>
/// <param name="Number">The block's number.</param>
/// <param name="Hash">The hash of the header that this node computed.</param>
/// <param name="Frags">Frags that it was replayed or built from.</param>
internal sealed record CommittedBlock(uint Epoch, ulong Number, string Hash, long Frags);

/// <summary>Serialisation without reflection.</summary>
[JsonSerializable(typeof(NodeResult))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class NodeResultJson : JsonSerializerContext;
