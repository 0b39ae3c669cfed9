using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using Fragcast.Gossip.Membership;
using Fragcast.Transport.Identity;

namespace Fragcast.Gossip.Tests.Membership;

/// <summary>Nodes of the tests and their records.</summary>
internal static class TestNodes
{
    public const ulong Network = 42;

    private static readonly ConcurrentDictionary<int, PeerId> Peers = new();

    public static byte[] Seed(int node)
    {
        var seed = new byte[32];
        BinaryPrimitives.WriteInt32LittleEndian(seed, node);
        seed[31] = 0x5A;
        return seed;
    }

    public static byte[] SequencerKey(byte fill)
    {
        var key = new byte[32];
        key.AsSpan().Fill(fill);
        return key;
    }

    public static PeerId Peer(int node) => Peers.GetOrAdd(node, static n => HostIdentity.FromSeed(Seed(n)).Peer);

    public static NodeDescription Description(int node, ulong sequence = 1) => new()
    {
        NetworkId = Network,
        Sequence = sequence,
        Addresses = [new IPEndPoint(new IPAddress([10, (byte)(node >> 16), (byte)(node >> 8), (byte)node]), 9440)],
        Region = (byte)(node % 5),
        UplinkMbps = 200,
        RoundTripsTenthsMs = [100, 200, 300, 400, 500],
    };

    public static byte[] Bytes(int node, ulong sequence = 1) =>
        NodeRecordSigning.Sign(Description(node, sequence), Seed(node));

    public static NodeRecord Record(int node, ulong sequence = 1) => Record(node, Description(node, sequence));

    public static NodeRecord Record(int node, NodeDescription description)
    {
        byte[] bytes = NodeRecordSigning.Sign(description, Seed(node));
        Assert.Equal(RecordError.None, NodeRecord.TryRead(bytes, Network, out NodeRecord? record));
        return record!;
    }
}
