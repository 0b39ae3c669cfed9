using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Tests.Ssz;

namespace Fragcast.Primitives.Tests.Messages;

public class HandOverV0Tests
{
    private static readonly HandOverV0 HandOver = new()
    {
        Number = 1,
        ParentHash = TestMessages.Seal.ParentHash,
        LastSeq = 2,
        LastFragRoot = TestMessages.Seal.ParentHash,
        NextLeader = TestMessages.Env.Beneficiary,
        PendingCount = 3,
    };

    [Fact]
    public void Write_KnownHandOver_LaysFieldsOutLittleEndian()
    {
        var ssz = new byte[HandOverV0.EncodedLength];
        Assert.Equal(104, HandOver.Write(ssz));
        const string h = "e75fae0065403d4091f3d6549c4219db69c96d9de761cfc75fe9792b6166c758";
        Assert.Equal(
            "0100000000000000" + h + "0200000000000000" + h + "1234567890123456789012345678901234567890" + "03000000",
            Convert.ToHexStringLower(ssz));
    }

    [Fact]
    public void SigningDigest_KnownHandOver_EqualsTheNaiveOne()
    {
        var h = HandOver.ParentHash.Bytes.ToArray();
        var root = NaiveSsz.Merkleize(
            [
                NaiveSsz.Number(1), h, NaiveSsz.Number(2), h,
                NaiveSsz.Padded(HandOver.NextLeader.Bytes.ToArray()), NaiveSsz.Number(3),
            ],
            3);
        Assert.Equal(Hash256.FromBytes(root), HandOver.HashTreeRoot());
        Assert.Equal(Hash256.FromBytes(NaiveSsz.Hash(root, NaiveSsz.Number(4))), HandOver.SigningDigest());
    }

    [Fact]
    public void TryDecode_WhatWriteWrote_GivesTheSameAndAnyOtherLengthIsRefused()
    {
        var ssz = new byte[150];
        HandOver.Write(ssz);
        for (var length = 0; length <= ssz.Length; length++)
        {
            var expected = length < 104 ? MessageError.Truncated
                : length > 104 ? MessageError.TrailingBytes
                : MessageError.None;
            Assert.Equal(expected, HandOverV0.TryDecode(ssz.AsMemory(0, length), out var decoded));
            Assert.Equal(expected == MessageError.None ? HandOver : null, decoded);
        }
    }

    [Fact]
    public void SigningDigest_AnyFieldChanged_Differs()
    {
        HandOverV0[] changed =
        [
            HandOver, HandOver with { Number = 9 }, HandOver with { ParentHash = default },
            HandOver with { LastSeq = 9 }, HandOver with { LastFragRoot = default },
            HandOver with { NextLeader = default }, HandOver with { PendingCount = 9 },
        ];
        Assert.Equal(changed.Length, changed.Select(one => one.SigningDigest()).Distinct().Count());
    }
}
