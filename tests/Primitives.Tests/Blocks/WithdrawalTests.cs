using Fragcast.Primitives.Blocks;

namespace Fragcast.Primitives.Tests.Blocks;

public class WithdrawalTests
{
    [Fact]
    public void Encode_KnownWithdrawal_IsAListOfFourFields()
    {
        var withdrawal = new Withdrawal(0, 1, Address.Parse("0x00000000000000000000000000000000deadbeef"), 0x400);
        Assert.Equal(
            "da80019400000000000000000000000000000000deadbeef820400", Convert.ToHexStringLower(withdrawal.Encode()));
    }

    [Fact]
    public void TryDecode_WhatEncodeWrote_GivesTheSame()
    {
        foreach (var value in new ulong[] { 0, 1, 127, 128, uint.MaxValue, ulong.MaxValue })
        {
            var withdrawal = new Withdrawal(value, value / 2, TestKeys.AddressOf(TestKeys.Key(1)), value);
            Assert.Equal(BlockDecodeError.None, Withdrawal.TryDecode(withdrawal.Encode(), out var decoded));
            Assert.Equal(withdrawal, decoded);
        }
    }

    [Fact]
    public void TryDecode_EveryPrefixAndAByteMore_IsRefused()
    {
        var rlp = new Withdrawal(1, 2, default, 3).Encode();
        for (var length = 0; length < rlp.Length; length++)
        {
            Assert.NotEqual(BlockDecodeError.None, Withdrawal.TryDecode(rlp.AsSpan(0, length), out _));
        }

        Assert.Equal(BlockDecodeError.TrailingData, Withdrawal.TryDecode([.. rlp, 0], out _));
    }
}
