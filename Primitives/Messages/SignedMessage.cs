namespace Fragcast.Primitives.Messages;

/// <summary>
/// A message with its signature in front: 65 bytes r ‖ s ‖ v, then the SSZ encoding. This is the payload of based-op's
/// gossip topics. Reading is in steps, so that a receiver can drop what is stale, early or repeated before it pays for
/// the root and the signature: <see cref="TrySplit"/>, the message's <c>TryDecode</c>, the receiver's own checks, then
/// <see cref="MessageSignature.TryRecoverSigner"/> with the message's <c>SigningDigest</c>.
/// </summary>
public static class SignedMessage
{
    /// <summary>Bytes in front of the message.</summary>
    public const int OverheadLength = MessageSignature.Length;

    /// <summary>Takes a payload apart without copying; the message is not looked into.</summary>
    /// <param name="payload">The payload, all of it.</param>
    /// <param name="signature">Its first 65 bytes.</param>
    /// <param name="ssz">The rest.</param>
    /// <returns><see cref="MessageError.Truncated"/> if the payload is shorter than a signature.</returns>
    public static MessageError TrySplit(
        ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> signature, out ReadOnlyMemory<byte> ssz)
    {
        if (payload.Length < OverheadLength)
        {
            signature = ssz = default;
            return MessageError.Truncated;
        }

        signature = payload[..OverheadLength];
        ssz = payload[OverheadLength..];
        return MessageError.None;
    }

    /// <summary>Signs a frag that is already in its place behind the signature: the way without copies.</summary>
    /// <param name="payload">Room for the signature, then the frag's encoding.</param>
    /// <param name="revision">The layout of the frag.</param>
    /// <param name="key">The leader's secret key, 32 bytes.</param>
    /// <returns>What is wrong with the frag; nothing is signed then.</returns>
    public static MessageError TrySignFrag(Memory<byte> payload, MessageRevision revision, ReadOnlySpan<byte> key)
    {
        var error = TrySplit(payload, out _, out var ssz);
        if (error != MessageError.None)
        {
            return error;
        }

        error = FragV0.TryDecode(ssz, revision, out var frag);
        if (error == MessageError.None)
        {
            MessageSignature.Sign(frag.SigningDigest(), key, payload.Span[..OverheadLength]);
        }

        return error;
    }

    /// <summary>A frag's payload, in memory of its own.</summary>
    /// <param name="frag">The frag.</param>
    /// <param name="key">The leader's secret key, 32 bytes.</param>
    public static byte[] Sign(in FragV0 frag, ReadOnlySpan<byte> key)
    {
        var payload = new byte[OverheadLength + frag.Ssz.Length];
        MessageSignature.Sign(frag.SigningDigest(), key, payload.AsSpan(0, OverheadLength));
        frag.Ssz.Span.CopyTo(payload.AsSpan(OverheadLength));
        return payload;
    }

    /// <summary>An env's payload, in memory of its own.</summary>
    /// <param name="env">The env.</param>
    /// <param name="key">The leader's secret key, 32 bytes.</param>
    public static byte[] Sign(EnvV0 env, ReadOnlySpan<byte> key)
    {
        var payload = new byte[OverheadLength + env.EncodedLength];
        MessageSignature.Sign(env.SigningDigest(), key, payload.AsSpan(0, OverheadLength));
        env.Write(payload.AsSpan(OverheadLength));
        return payload;
    }

    /// <summary>A seal's payload, in memory of its own.</summary>
    /// <param name="seal">The seal.</param>
    /// <param name="key">The leader's secret key, 32 bytes.</param>
    /// <param name="revision">The layout the network uses.</param>
    public static byte[] Sign(
        SealV0 seal, ReadOnlySpan<byte> key, MessageRevision revision = MessageRevision.V0WithBlobGas)
    {
        var payload = new byte[OverheadLength + SealV0.EncodedLength(revision)];
        MessageSignature.Sign(seal.SigningDigest(revision), key, payload.AsSpan(0, OverheadLength));
        seal.Write(payload.AsSpan(OverheadLength), revision);
        return payload;
    }
}
