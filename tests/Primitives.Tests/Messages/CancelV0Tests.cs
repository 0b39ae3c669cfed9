using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Tests.Ssz;

namespace Fragcast.Primitives.Tests.Messages;

public class CancelV0Tests
{
    private static readonly CancelV0 Cancel = new()
    {
        BlockNumber = 1,
        ParentHash = TestMessages.Seal.ParentHash,
        FromSeq = 2,
        Reason = CancelReason.BuilderRestart,
    };

    [Fact]
    public void Write_KnownCancel_LaysFieldsOutLittleEndian()
    {
        var ssz = new byte[CancelV0.EncodedLength];
        Assert.Equal(49, Cancel.Write(ssz));
        const string h = "e75fae0065403d4091f3d6549c4219db69c96d9de761cfc75fe9792b6166c758";
        Assert.Equal("0100000000000000" + h + "0200000000000000" + "02", Convert.ToHexStringLower(ssz));
    }

    [Fact]
    public void SigningDigest_KnownCancel_EqualsTheNaiveOne()
    {
        var root = NaiveSsz.Merkleize(
            [NaiveSsz.Number(1), Cancel.ParentHash.Bytes.ToArray(), NaiveSsz.Number(2), NaiveSsz.Number(2)], 2);
        Assert.Equal(Hash256.FromBytes(root), Cancel.HashTreeRoot());
        Assert.Equal(Hash256.FromBytes(NaiveSsz.Hash(root, NaiveSsz.Number(3))), Cancel.SigningDigest());
        Assert.Equal(
            Hash256.FromBytes(NaiveSsz.Hash(root, NaiveSsz.Number(3 + (5 << 8)))), Cancel.SigningDigest(attempt: 5));
    }

    [Fact]
    public void TryDecode_WhatWriteWrote_GivesTheSameAndAnyOtherLengthIsRefused()
    {
        var ssz = new byte[100];
        Cancel.Write(ssz);
        for (var length = 0; length <= ssz.Length; length++)
        {
            var expected = length < 49 ? MessageError.Truncated
                : length > 49 ? MessageError.TrailingBytes
                : MessageError.None;
            Assert.Equal(expected, CancelV0.TryDecode(ssz.AsMemory(0, length), out var decoded));
            Assert.Equal(expected == MessageError.None ? Cancel : null, decoded);
        }
    }

    [Fact]
    public void SigningDigest_AnyFieldChanged_Differs()
    {
        CancelV0[] changed =
        [
            Cancel, Cancel with { BlockNumber = 9 }, Cancel with { ParentHash = default },
            Cancel with { FromSeq = 9 }, Cancel with { Reason = CancelReason.Reorg },
        ];
        Assert.Equal(changed.Length, changed.Select(one => one.SigningDigest()).Distinct().Count());
    }
}
