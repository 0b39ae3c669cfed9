using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Tests.Ssz;

namespace Fragcast.Primitives.Tests.Messages;

public class SealV0Tests
{
    [Fact]
    public void SigningDigest_PublishedVector_IsThePublishedRoot() => Assert.Equal(
        Hash256.Parse("0xe86afda21ddc7338c7e84561681fde45e2ab55cce8cde3163e0ae5f1c378439e"),
        TestMessages.Seal.SigningDigest());

    [Fact]
    public void HashTreeRoot_WithoutBlobGas_HasNineFields()
    {
        var h = TestMessages.Seal.ParentHash.Bytes.ToArray();
        var expected = NaiveSsz.Merkleize(
            [
                NaiveSsz.Number(8), NaiveSsz.Number(123), NaiveSsz.Number(25000), NaiveSsz.Number(1000000),
                h, h, h, h, h,
            ],
            4);

        Assert.Equal(Hash256.FromBytes(expected), TestMessages.Seal.HashTreeRoot(MessageRevision.V0));
    }

    [Theory]
    [InlineData(MessageRevision.V0, 192)]
    [InlineData(MessageRevision.V0WithBlobGas, 200)]
    public void TryDecode_WhatWriteWrote_GivesTheSame(MessageRevision revision, int length)
    {
        var seal = TestMessages.Seal with
        {
            BlobGasUsed = revision == MessageRevision.V0 ? 0 : 131072u,
            StateRoot = Keccak256.EmptyString,
            BlockHash = Keccak256.Hash([1]),
        };
        var ssz = new byte[SealV0.EncodedLength(revision)];

        Assert.Equal(length, seal.Write(ssz, revision));
        Assert.Equal(MessageError.None, SealV0.TryDecode(ssz, revision, out var decoded));
        Assert.Equal(seal, decoded);
    }

    [Theory]
    [InlineData(MessageRevision.V0, 192)]
    [InlineData(MessageRevision.V0WithBlobGas, 200)]
    public void TryDecode_AnyOtherLength_IsRefused(MessageRevision revision, int length)
    {
        var ssz = new byte[300];
        for (var i = 0; i <= ssz.Length; i++)
        {
            var expected = i < length ? MessageError.Truncated
                : i > length ? MessageError.TrailingBytes
                : MessageError.None;
            Assert.Equal(expected, SealV0.TryDecode(ssz.AsMemory(0, i), revision, out var seal));
            Assert.Equal(expected == MessageError.None, seal is not null);
        }
    }
}
