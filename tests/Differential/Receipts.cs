using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Primitives;

namespace Fragcast.Differential;

/// <summary>Compares receipts, field by field.</summary>
internal static class Receipts
{
    public static IEnumerable<string> Differences(Receipt ours, JsonElement theirs)
    {
        if (Line("status", ours.Success ? 1UL : 0, theirs.UInt64("status")) is { } status) yield return status;
        if (Line("gas used", ours.GasUsed, theirs.UInt64("gasUsed")) is { } gas) yield return gas;
        ulong cumulative = theirs.UInt64("cumulativeGasUsed");
        if (Line("cumulative gas", ours.CumulativeGasUsed, cumulative) is { } sum) yield return sum;
        UInt256 price = theirs.Number("effectiveGasPrice");
        if (Line("effective gas price", ours.EffectiveGasPrice, price) is { } paid) yield return paid;
        ulong blobGas = theirs.Has("blobGasUsed") ? theirs.UInt64("blobGasUsed") : 0;
        if (Line("blob gas", ours.BlobGasUsed, blobGas) is { } blobs) yield return blobs;
        Address? created = theirs.Has("contractAddress") ? Address.Parse(theirs.Text("contractAddress")) : null;
        if (ours.ContractAddress != created) yield return $"created: ours {ours.ContractAddress}, anvil's {created}";

        // The nonce before the deposit is what the specification asks for; anvil says the one after.
        if (ours.DepositNonce is { } nonce && nonce + 1 != theirs.UInt64("depositNonce"))
            yield return $"deposit nonce: ours {nonce}, anvil's {theirs.Text("depositNonce")}, not one more";
        foreach (string line in Logs(ours, theirs.GetProperty("logs"))) yield return line;
    }

    private static IEnumerable<string> Logs(Receipt ours, JsonElement theirs)
    {
        if (Line("number of logs", (ulong)ours.Logs.Length, (ulong)theirs.GetArrayLength()) is { } count)
        {
            yield return count;
            yield break;
        }

        for (int i = 0; i < ours.Logs.Length; i++)
        {
            Log log = ours.Logs[i];
            JsonElement other = theirs[i];
            bool isSame = log.Address == Address.Parse(other.Text("address"))
                && log.Data.AsSpan().SequenceEqual(other.Bytes("data"))
                && log.Topics.SequenceEqual(Topics(other));
            if (!isSame) yield return $"log {i} differs: {other}";
        }
    }

    private static IEnumerable<Hash256> Topics(JsonElement log) =>
        log.GetProperty("topics").EnumerateArray().Select(topic => Hash256.Parse(topic.GetString()));

    private static string? Line(string what, in UInt256 ours, in UInt256 theirs) =>
        ours == theirs ? null : $"{what}: ours {ours}, anvil's {theirs}";
}
