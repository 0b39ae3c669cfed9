using Fragcast.Primitives.Messages;

namespace Fragcast.Primitives.Tests.Messages;

public class SignedMessageTests
{
    private static readonly byte[] Key = TestKeys.Key(9);

    [Theory]
    [InlineData(MessageRevision.V0)]
    [InlineData(MessageRevision.V0WithBlobGas)]
    public void Sign_EveryKind_ReadsBackInStepsToTheSigner(MessageRevision revision)
    {
        var frag = TestMessages.Frag(revision);
        var payload = SignedMessage.Sign(frag, Key);
        Assert.Equal(MessageError.None, SignedMessage.TrySplit(payload, out var signature, out var ssz));
        Assert.Equal(MessageError.None, FragV0.TryDecode(ssz, revision, out var readFrag));
        AssertSigned(readFrag.SigningDigest(), signature);

        payload = SignedMessage.Sign(TestMessages.Env, Key);
        Assert.Equal(MessageError.None, SignedMessage.TrySplit(payload, out signature, out ssz));
        Assert.Equal(MessageError.None, EnvV0.TryDecode(ssz, revision, out var env));
        Assert.Equal(TestMessages.Env, env);
        AssertSigned(env!.SigningDigest(), signature);

        payload = SignedMessage.Sign(TestMessages.Seal, Key, revision);
        Assert.Equal(MessageError.None, SignedMessage.TrySplit(payload, out signature, out ssz));
        Assert.Equal(MessageError.None, SealV0.TryDecode(ssz, revision, out var seal));
        Assert.Equal(TestMessages.Seal, seal);
        AssertSigned(seal!.SigningDigest(revision), signature);
    }

    [Fact]
    public void TrySignFrag_InPlace_GivesTheBytesOfSign()
    {
        var frag = TestMessages.Frag(3, [100, 200]);
        byte[] payload = [.. new byte[65], .. frag.Ssz.Span];

        Assert.Equal(MessageError.None, SignedMessage.TrySignFrag(payload, frag.Revision, Key));
        Assert.Equal(SignedMessage.Sign(frag, Key), payload);
    }

    [Fact]
    public void TrySignFrag_NotAFrag_SignsNothing()
    {
        var payload = new byte[65 + 29];

        Assert.Equal(
            MessageError.BadOffset, SignedMessage.TrySignFrag(payload, MessageRevision.V0WithBlobGas, Key));
        Assert.Equal(new byte[65 + 29], payload);
        Assert.Equal(
            MessageError.Truncated, SignedMessage.TrySignFrag(new byte[64], MessageRevision.V0WithBlobGas, Key));
    }

    [Fact]
    public void TrySplit_ShorterThanASignature_IsTruncated()
    {
        Assert.Equal(MessageError.Truncated, SignedMessage.TrySplit(new byte[64], out _, out _));
        Assert.Equal(MessageError.None, SignedMessage.TrySplit(new byte[65], out _, out var ssz));
        Assert.Equal(0, ssz.Length);
    }

    private static void AssertSigned(Hash256 digest, ReadOnlyMemory<byte> signature)
    {
        Assert.True(MessageSignature.TryRecoverSigner(digest, signature.Span, out var signer));
        Assert.Equal(TestKeys.AddressOf(Key), signer);
    }
}
