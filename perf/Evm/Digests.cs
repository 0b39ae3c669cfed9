using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Perf.Evm;

/// <summary>Short forms of what a transaction left, to be compared with a record.</summary>
internal static class Digests
{
    /// <summary>Keccak-256 of the output.</summary>
    public static string OfOutput(ReadOnlySpan<byte> output) => Text(output);

    /// <summary>Keccak-256 of the logs one behind the other: address, topics, data.</summary>
    public static string OfLogs(JournaledState state)
    {
        using MemoryStream bytes = new();
        for (int i = 0; i < state.LogCount; i++)
        {
            LogView log = state.Log(i);
            bytes.Write(log.Address.Bytes);
            foreach (ref readonly Hash256 topic in log.Topics)
                bytes.Write(topic.Bytes);
            bytes.Write(log.Data);
        }

        return Text(bytes.ToArray());
    }

    /// <summary>Keccak-256 of the slots that changed in the block, sorted: address, key, new value.</summary>
    public static string OfStorage(JournaledState state)
    {
        List<string> slots = [];
        foreach (ref readonly SlotChange change in state.ChangedSlots)
        {
            ref readonly UInt256 value = ref state.Current(change.Slot);
            if (value == change.Value) continue;
            slots.Add(Convert.ToHexString(state.AddressOf(state.AccountOfSlot(change.Slot)).Bytes)
                + Convert.ToHexString(BigEndian(state.KeyOfSlot(change.Slot)))
                + Convert.ToHexString(BigEndian(value)));
        }

        slots.Sort(StringComparer.Ordinal);
        return Text(Convert.FromHexString(string.Concat(slots)));
    }

    /// <summary>Keccak-256 of the RLP of the logs: what state tests call the logs' hash.</summary>
    public static Hash256 LogsHash(JournaledState state)
    {
        using RlpWriter writer = new(1024);
        writer.StartList();
        for (int i = 0; i < state.LogCount; i++)
        {
            LogView log = state.Log(i);
            writer.StartList();
            writer.Write(log.Address);
            writer.StartList();
            foreach (ref readonly Hash256 topic in log.Topics)
                writer.Write(topic);
            writer.EndList();
            writer.Write(log.Data);
            writer.EndList();
        }

        writer.EndList();
        return Keccak256.Hash(writer.Written);
    }

    private static byte[] BigEndian(in UInt256 value)
    {
        byte[] bytes = new byte[UInt256.Size];
        value.WriteBigEndian(bytes);
        return bytes;
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Hex.Encode(Keccak256.Hash(bytes).Bytes, prefix: false);
}
