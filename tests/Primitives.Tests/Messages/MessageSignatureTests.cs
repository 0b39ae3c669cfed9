using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Tests.Ssz;

namespace Fragcast.Primitives.Tests.Messages;

public class MessageSignatureTests
{
    private static readonly byte[] Key = TestKeys.Key(7);

    [Theory]
    [InlineData(0)]
    [InlineData(27)]
    public void TryRecoverSigner_BothFormsOfV_GiveTheSigner(byte baseOfV)
    {
        for (var i = 0; i < 8; i++)
        {
            var digest = (TestMessages.Env with { Number = (ulong)i }).SigningDigest();
            var signature = new byte[65];
            MessageSignature.Sign(digest, Key, signature);
            signature[64] += baseOfV;

            Assert.True(MessageSignature.TryRecoverSigner(digest, signature, out var signer));
            Assert.Equal(TestKeys.AddressOf(Key), signer);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(26)]
    [InlineData(29)]
    [InlineData(255)]
    public void TryRecoverSigner_AnyOtherV_IsFalse(byte v)
    {
        var digest = TestMessages.Env.SigningDigest();
        var signature = new byte[65];
        MessageSignature.Sign(digest, Key, signature);
        signature[64] = v;

        Assert.False(MessageSignature.TryRecoverSigner(digest, signature, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(66)]
    public void TryRecoverSigner_AnyOtherLength_IsFalse(int length) =>
        Assert.False(MessageSignature.TryRecoverSigner(default, new byte[length], out _));

    [Fact]
    public void TryRecoverSigner_ZeroOrTooLargeValues_IsFalse()
    {
        var digest = TestMessages.Env.SigningDigest();
        Assert.False(MessageSignature.TryRecoverSigner(digest, new byte[65], out _));
        var all = new byte[65];
        all.AsSpan(0, 64).Fill(0xFF);
        Assert.False(MessageSignature.TryRecoverSigner(digest, all, out _));
    }

    [Fact]
    public void Digest_OfALaterAttempt_HasTheAttemptBehindTheSelector()
    {
        var root = TestMessages.Env.HashTreeRoot();
        byte[] selector = [(byte)MessageKind.Env, 7, .. new byte[30]];
        Assert.Equal(
            Hash256.FromBytes(NaiveSsz.Hash(root.Bytes.ToArray(), selector)),
            MessageSignature.Digest(MessageKind.Env, root, attempt: 7));
        Assert.Equal(MessageSignature.Digest(MessageKind.Env, root), MessageSignature.Digest(MessageKind.Env, root, 0));
    }

    [Fact]
    public void Digest_SameRootOtherKind_Differs()
    {
        var root = TestMessages.Env.HashTreeRoot();
        var digests = Enum.GetValues<MessageKind>().Select(kind => MessageSignature.Digest(kind, root)).ToHashSet();
        Assert.Equal(5, digests.Count);
    }
}
