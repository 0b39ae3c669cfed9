using Fragcast.Primitives;
using Fragcast.Primitives.Rlp;

namespace Fragcast.Execution.Tests.Trie;

/// <summary>
/// The reference that the trie is checked against: written after the Yellow Paper's appendix D, from the sorted keys,
/// with nothing kept. Also lists the nodes, so that a witness can be cut out of them.
/// </summary>
internal sealed class NaiveTrie
{
    private readonly SortedDictionary<string, byte[]> _values = new(StringComparer.Ordinal);

    /// <summary>Nodes that are referred to by hash, from the last call of <see cref="Root"/>.</summary>
    public Dictionary<Hash256, byte[]> Nodes { get; } = [];

    public int Count => _values.Count;

    public byte[]? this[byte[] key]
    {
        get => _values.GetValueOrDefault(Convert.ToHexString(key));
        set
        {
            if (value is null or []) _values.Remove(Convert.ToHexString(key));
            else _values[Convert.ToHexString(key)] = value;
        }
    }

    public Hash256 Root()
    {
        Nodes.Clear();
        byte[] root = _values.Count == 0 ? [0x80] : Node([.. _values], 0);
        Hash256 hash = Keccak256.Hash(root);
        Nodes[hash] = root;
        return hash;
    }

    private byte[] Node(List<KeyValuePair<string, byte[]>> pairs, int depth)
    {
        if (pairs.Count == 1) return Pair(pairs[0].Key[depth..], true, Bytes(pairs[0].Value));
        string first = pairs[0].Key, last = pairs[^1].Key;
        int split = depth;
        while (split < first.Length && split < last.Length && first[split] == last[split]) split++;
        if (split > depth) return Pair(first[depth..split], false, Reference(Node(pairs, split)));

        using var writer = new RlpWriter();
        writer.StartList();
        foreach (char nibble in "0123456789ABCDEF")
        {
            var below = pairs.FindAll(pair => pair.Key.Length > depth && pair.Key[depth] == nibble);
            writer.WriteRaw(below.Count == 0 ? [0x80] : Reference(Node(below, depth + 1)));
        }

        writer.Write(first.Length == depth ? pairs[0].Value : []);
        writer.EndList();
        return writer.ToArray();
    }

    private byte[] Reference(byte[] node)
    {
        if (node.Length < 32) return node;
        Hash256 hash = Keccak256.Hash(node);
        Nodes[hash] = node;
        return Bytes(hash.Bytes);
    }

    private static byte[] Pair(string path, bool isLeaf, byte[] encodedItem)
    {
        string flag = path.Length % 2 == 0 ? isLeaf ? "20" : "00" : isLeaf ? "3" : "1";
        return List(Bytes(Convert.FromHexString(flag + path)), encodedItem);
    }

    public static byte[] Bytes(ReadOnlySpan<byte> value)
    {
        using var writer = new RlpWriter();
        writer.Write(value);
        return writer.ToArray();
    }

    public static byte[] Bytes(in UInt256 value)
    {
        using var writer = new RlpWriter();
        writer.Write(value);
        return writer.ToArray();
    }

    public static byte[] List(params ReadOnlySpan<byte[]> encodedItems)
    {
        using var writer = new RlpWriter();
        writer.StartList();
        foreach (byte[] item in encodedItems) writer.WriteRaw(item);
        writer.EndList();
        return writer.ToArray();
    }
}
