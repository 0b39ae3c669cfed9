using Fragcast.Primitives.Messages;

namespace Fragcast.Primitives.Tests.Messages;

public class EnvV0Tests
{
    [Fact]
    public void SigningDigest_PublishedVector_IsThePublishedRoot() => Assert.Equal(
        Hash256.Parse("0xfa09df7670737568ba783dfd934e19b06e6681e367a866a5647449bd4e5ca324"),
        TestMessages.Env.SigningDigest());

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(256)]
    public void TryDecode_WhatWriteWrote_GivesTheSame(int extraDataLength)
    {
        var extraData = new byte[extraDataLength];
        extraData.AsSpan().Fill(0xAB);
        var env = TestMessages.Env with { ExtraData = extraData };
        var ssz = new byte[env.EncodedLength];

        Assert.Equal(ssz.Length, env.Write(ssz));
        Assert.Equal(MessageError.None, EnvV0.TryDecode(ssz, MessageRevision.V0WithBlobGas, out var decoded));
        Assert.Equal(env, decoded);
        Assert.Equal(env.SigningDigest(), decoded!.SigningDigest());
    }

    [Fact]
    public void Write_KnownEnv_LaysFieldsOutLittleEndian()
    {
        var ssz = new byte[TestMessages.Env.EncodedLength];
        TestMessages.Env.Write(ssz);

        const string h = "e75fae0065403d4091f3d6549c4219db69c96d9de761cfc75fe9792b6166c758";
        Assert.Equal(
            "0100000000000000" + h + "1234567890123456789012345678901234567890"
            + "0200000000000000" + "0300000000000000" + "0400000000000000"
            + "05" + new string('0', 62) + h + "b8000000" + h + "010203",
            Convert.ToHexStringLower(ssz));
    }

    [Fact]
    public void TryDecode_EveryPrefixOfTheFixedPart_IsTruncated()
    {
        var ssz = new byte[TestMessages.Env.EncodedLength];
        TestMessages.Env.Write(ssz);
        for (var length = 0; length < 184; length++)
        {
            Assert.Equal(MessageError.Truncated, EnvV0.TryDecode(ssz.AsMemory(0, length), default, out var env));
            Assert.Null(env);
        }
    }

    [Fact]
    public void TryDecode_TooMuchExtraData_IsTooLong()
    {
        var ssz = new byte[184 + 257];
        ssz[148] = 184;
        Assert.Equal(MessageError.ListTooLong, EnvV0.TryDecode(ssz, default, out _));
        Assert.Equal(MessageError.None, EnvV0.TryDecode(ssz.AsMemory(0, 184 + 256), default, out _));
    }

    [Fact]
    public void TryDecode_WrongOffset_IsBadOffset()
    {
        var ssz = new byte[184];
        ssz[148] = 185;
        Assert.Equal(MessageError.BadOffset, EnvV0.TryDecode(ssz, default, out var env));
        Assert.Null(env);
    }

    [Fact]
    public void ExtraData_TooLong_IsRefusedWhenSet() =>
        Assert.Throws<ArgumentException>(() => TestMessages.Env with { ExtraData = new byte[257] });

    [Fact]
    public void Equals_AnyFieldChanged_IsFalse()
    {
        var env = TestMessages.Env;
        Hash256 other = Keccak256.EmptyString;
        EnvV0[] changed =
        [
            env with { Number = 9 }, env with { ParentHash = other }, env with { Beneficiary = default },
            env with { Timestamp = 9 }, env with { GasLimit = 9 }, env with { BaseFee = 9 },
            env with { Difficulty = 9 }, env with { PrevRandao = other }, env with { ExtraData = new byte[] { 9 } },
            env with { ParentBeaconBlockRoot = other },
        ];

        Assert.All(changed, one => Assert.NotEqual(env, one));
        Assert.All(changed, one => Assert.NotEqual(env.SigningDigest(), one.SigningDigest()));
        Assert.Equal(env, env with { ExtraData = env.ExtraData.ToArray() });
    }
}
