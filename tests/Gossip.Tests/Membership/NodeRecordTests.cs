using System.Net;
using Fragcast.Gossip.Membership;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Gossip.Tests.Membership;

public sealed class NodeRecordTests
{
    private const ulong Network = TestNodes.Network;

    private static NodeDescription Full => TestNodes.Description(1, sequence: 77) with
    {
        Addresses =
        [
            IPEndPoint.Parse("[2001:db8::1]:7"), IPEndPoint.Parse("192.0.2.9:65535"), IPEndPoint.Parse("192.0.2.9:80"),
            IPEndPoint.Parse("[2001:db8::2]:7"), IPEndPoint.Parse("[2001:db8::3]:7"), IPEndPoint.Parse("[::1]:7"),
            IPEndPoint.Parse("[2001:db8::5]:7"), IPEndPoint.Parse("[2001:db8::6]:7"),
        ],
        Region = 63,
        UplinkMbps = 10_000,
        RoundTripsTenthsMs = [.. Enumerable.Range(1, 64).Select(i => (ushort)(i * 1000))],
        SequencerKey = TestNodes.SequencerKey(9),
        RoleSerial = 5,
    };

    [Fact]
    public void TryRead_WhatSignWrote_GivesTheSame()
    {
        byte[] bytes = NodeRecordSigning.Sign(Full, TestNodes.Seed(1));
        Assert.True(bytes.Length <= 512, $"{bytes.Length} bytes");
        Assert.Equal(RecordError.None, NodeRecord.TryRead(bytes, Network, out NodeRecord? record));
        Assert.Equal(TestNodes.Peer(1), record!.Peer);
        Assert.Equal((77UL, (byte)63, (ushort)10_000), (record.Sequence, record.Region, record.UplinkMbps));
        Assert.Equal(8, record.Addresses.Count);
        Assert.Equal(IPEndPoint.Parse("192.0.2.9:80"), record.Addresses[0]);
        Assert.Equal((ushort)1000, record.RoundTripTenthsMs(0));
        Assert.Equal((ushort)64_000, record.RoundTripTenthsMs(63));
        Assert.Equal((ushort)0, record.RoundTripTenthsMs(64));
        Span<byte> key = stackalloc byte[64];
        Assert.True(Secp256k1.TryGetPublicKey(TestNodes.SequencerKey(9), key));
        Assert.Equal(new RoleClaim(Secp256k1.AddressOf(key), 5), record.Role);
        Assert.Equal(bytes, record.Bytes.ToArray());
    }

    [Fact]
    public void TryRead_TheLeastRecord_HasItsLength()
    {
        var least = new NodeDescription { NetworkId = Network, Sequence = 0, RoundTripsTenthsMs = [0, 0] };
        byte[] bytes = NodeRecordSigning.Sign(least, TestNodes.Seed(2));
        Assert.Equal(NodeRecordLayout.LengthMin, bytes.Length);
        Assert.Equal(RecordError.None, NodeRecord.TryRead(bytes, Network, out NodeRecord? record));
        Assert.Equal((0, 0, (RoleClaim?)null), (record!.Addresses.Count, record.RoundTripCount, record.Role));
    }

    [Fact]
    public void TryRead_AnyBrokenByte_IsRefused()
    {
        byte[] good = NodeRecordSigning.Sign(Full, TestNodes.Seed(1));
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 0x04;
            Assert.NotEqual(RecordError.None, NodeRecord.TryRead(bad, Network, out NodeRecord? record));
            Assert.Null(record);
        }
    }

    [Fact]
    public void TryRead_AnyOtherLength_IsRefused()
    {
        byte[] good = NodeRecordSigning.Sign(Full, TestNodes.Seed(1));
        for (int length = 0; length < good.Length; length++)
        {
            Assert.Equal(RecordError.BadLength, NodeRecord.TryRead(good.AsSpan(0, length), Network, out _));
        }

        Assert.Equal(RecordError.BadLength, NodeRecord.TryRead([.. good, 0], Network, out _));
    }

    [Theory]
    [InlineData(0, 2, RecordError.UnknownVersion)]
    [InlineData(NodeRecordLayout.FlagsOffset, 3, RecordError.UnknownVersion)]
    [InlineData(NodeRecordLayout.RegionOffset, 64, RecordError.BadRegion)]
    [InlineData(NodeRecordLayout.AddressCountOffset, 9, RecordError.TooMany)]
    [InlineData(NodeRecordLayout.AddressCountOffset, 2, RecordError.BadAddress)]
    [InlineData(NodeRecordLayout.AddressCountOffset, 0, RecordError.BadLength)]
    [InlineData(NodeRecordLayout.RoundTripCountOffset, 65, RecordError.TooMany)]
    [InlineData(NodeRecordLayout.RoundTripCountOffset, 4, RecordError.BadLength)]
    [InlineData(NodeRecordLayout.ReservedOffset, 1, RecordError.ReservedNotZero)]
    [InlineData(NodeRecordLayout.Reserved2Offset, 1, RecordError.ReservedNotZero)]
    [InlineData(NodeRecordLayout.RoleSerialOffset, 1, RecordError.ReservedNotZero)]
    [InlineData(NodeRecordLayout.NetworkIdOffset, 1, RecordError.WrongNetwork)]
    [InlineData(NodeRecordLayout.HeadLength, 5, RecordError.BadAddress)]
    [InlineData(NodeRecordLayout.HeadLength + 1, 0, RecordError.BadAddress)]
    [InlineData(NodeRecordLayout.HeadLength + 1, 224, RecordError.BadAddress)]
    [InlineData(NodeRecordLayout.SequenceOffset, 9, RecordError.BadSignature)]
    public void TryRead_OneFieldWrong_SaysWhich(int offset, byte value, RecordError expected)
    {
        byte[] bytes = TestNodes.Bytes(1);
        bytes[offset] = value;
        Assert.Equal(expected, NodeRecord.TryRead(bytes, Network, out _));
    }

    [Fact]
    public void Sign_AddressesTwiceOrUseless_IsRefused()
    {
        IPEndPoint one = IPEndPoint.Parse("192.0.2.1:1");
        IPEndPoint[][] wrong =
        [
            [one, one], [IPEndPoint.Parse("0.0.0.0:1")],
            [IPEndPoint.Parse("192.0.2.1:0")], [IPEndPoint.Parse("[::]:1")],
            [IPEndPoint.Parse("[ff02::1]:1")], [IPEndPoint.Parse("255.255.255.255:1")],
            [.. Enumerable.Range(1, 9).Select(port => new IPEndPoint(one.Address, port))],
        ];
        foreach (IPEndPoint[] addresses in wrong)
        {
            Assert.Throws<ArgumentException>(() => NodeRecordSigning.Sign(
                TestNodes.Description(1) with { Addresses = addresses }, TestNodes.Seed(1)));
        }
    }

    [Fact]
    public void TryRead_RoleOfAnotherPeerSerialOrNetwork_IsBadRole()
    {
        // Takes the role claim of node 1 and signs it into node 2's record.
        byte[] other = NodeRecordSigning.Sign(
            TestNodes.Description(2) with { SequencerKey = TestNodes.SequencerKey(9) }, TestNodes.Seed(2));
        byte[] own = NodeRecordSigning.Sign(
            TestNodes.Description(1) with { SequencerKey = TestNodes.SequencerKey(9) }, TestNodes.Seed(1));
        int role = own.Length - NodeRecordLayout.SignatureLength - NodeRecordLayout.RoleLength;
        own.AsSpan(role, NodeRecordLayout.RoleLength).CopyTo(other.AsSpan(role));
        Resign(other, 2);
        Assert.Equal(RecordError.BadRole, NodeRecord.TryRead(other, Network, out _));

        own[NodeRecordLayout.RoleSerialOffset] = 1;
        Resign(own, 1);
        Assert.Equal(RecordError.BadRole, NodeRecord.TryRead(own, Network, out _));
        own[NodeRecordLayout.RoleSerialOffset] = 0;
        Resign(own, 1);
        Assert.Equal(RecordError.None, NodeRecord.TryRead(own, Network, out _));

        // The same signature in its other forms.
        own[role + 20 + 64] += 27;
        Resign(own, 1);
        Assert.Equal(RecordError.BadRole, NodeRecord.TryRead(own, Network, out _));
    }

    [Fact]
    public void TryRead_RoundTripsThatEndInZero_AreNotCanonical()
    {
        byte[] bytes = TestNodes.Bytes(1);
        int last = bytes.Length - NodeRecordLayout.SignatureLength - 2;
        bytes[last] = bytes[last + 1] = 0;
        Resign(bytes, 1);
        Assert.Equal(RecordError.NotCanonical, NodeRecord.TryRead(bytes, Network, out _));
    }

    [Fact]
    public void TryRead_RandomBytes_NeverThrows()
    {
        var random = new Random(3);
        byte[] good = NodeRecordSigning.Sign(Full, TestNodes.Seed(1));
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = good[..random.Next(good.Length + 1)];
            for (int i = 0; i < 3 && bytes.Length > 0; i++)
            {
                bytes[random.Next(Math.Min(bytes.Length, 80))] = (byte)random.Next(256);
            }

            if (bytes.Length > 4)
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(NodeRecordLayout.LengthOffset), (ushort)bytes.Length);
            }

            NodeRecord.TryRead(bytes, Network, out _);
        }
    }

    [Fact]
    public void Replaces_GreaterSequenceElseGreaterBytes_IsTheSameEverywhere()
    {
        NodeRecord old = TestNodes.Record(1, 1);
        NodeRecord renewed = TestNodes.Record(1, 2);
        NodeRecord twin = TestNodes.Record(1, TestNodes.Description(1, 2) with { UplinkMbps = 7 });
        Assert.True(renewed.Replaces(old));
        Assert.False(old.Replaces(renewed));
        Assert.False(old.Replaces(old));
        Assert.NotEqual(renewed.Replaces(twin), twin.Replaces(renewed));
    }

    private static void Resign(byte[] record, int node)
    {
        Span<byte> publicKey = stackalloc byte[32];
        Span<byte> secretKey = stackalloc byte[64];
        Ed25519.FromSeed(TestNodes.Seed(node), publicKey, secretKey);
        byte[] message = [.. NodeRecordLayout.SigningDomain, .. record[..^64]];
        Ed25519.Sign(message, secretKey, record.AsSpan(record.Length - 64));
    }
}
