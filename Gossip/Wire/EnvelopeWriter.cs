using System.Buffers.Binary;
using System.Diagnostics;
using Fragcast.Primitives;
using Fragcast.Primitives.Messages;

namespace Fragcast.Gossip.Wire;

/// <summary>
/// Encodes, signs and wraps a leader's messages, ready for a stream. Reuses one buffer: what a call returns is valid
/// until the next one. One thread.
/// </summary>
public sealed class EnvelopeWriter : IDisposable
{
    private const int SszOffset = GreetingLayout.LengthPrefix + EnvelopeLayout.MessageOffset;

    private readonly ulong _networkId;
    private readonly MessageRevision _revision;
    private readonly byte[] _key;
    private byte[] _buffer = new byte[MessageBuffers.MediumBytes];

    /// <summary>Makes a writer.</summary>
    /// <param name="networkId">See <see cref="NetworkId"/>.</param>
    /// <param name="sequencerKey">The secp256k1 key that signs, 32 bytes; copied, and wiped by Dispose.</param>
    /// <param name="revision">Form of the messages.</param>
    public EnvelopeWriter(
        ulong networkId, ReadOnlySpan<byte> sequencerKey, MessageRevision revision = MessageRevision.V0WithBlobGas)
    {
        _networkId = networkId;
        _revision = revision;
        _key = sequencerKey.ToArray();
    }

    /// <summary>Writes the start of a block.</summary>
    /// <param name="epoch">How often the chain was started anew.</param>
    /// <param name="env">The message.</param>
    /// <param name="attempt">How often the block was cancelled before.</param>
    /// <returns>The envelope behind its length prefix.</returns>
    public ReadOnlySpan<byte> Write(uint epoch, EnvV0 env, byte attempt = 0)
    {
        ulong sequence = AttemptSequence.Join(attempt, 0);
        Span<byte> ssz = Reserve(EnvelopeKind.Env, epoch, env.Number, sequence, env.EncodedLength);
        env.Write(ssz);
        return Sign(ssz.Length, env.SigningDigest(attempt));
    }

    /// <summary>Writes a slice of a block.</summary>
    /// <param name="epoch">How often the chain was started anew.</param>
    /// <param name="head">The frag's place.</param>
    /// <param name="transactions">Its transactions, EIP-2718 encoded.</param>
    /// <param name="attempt">How often the block was cancelled before.</param>
    /// <returns>The envelope behind its length prefix.</returns>
    public ReadOnlySpan<byte> Write(
        uint epoch, in FragHeader head, ReadOnlySpan<ReadOnlyMemory<byte>> transactions, byte attempt = 0)
    {
        int length = FragEncoder.Length(transactions, _revision);
        ulong sequence = AttemptSequence.Join(attempt, head.Seq);
        Span<byte> ssz = Reserve(EnvelopeKind.Frag, epoch, head.BlockNumber, sequence, length);
        FragEncoder.Write(head, transactions, _revision, ssz);
        MessageError error = FragV0.TryDecode(_buffer.AsMemory(SszOffset, length), _revision, out FragV0 frag);
        Debug.Assert(error == MessageError.None, "What was just encoded decodes.");
        return Sign(length, frag.SigningDigest(attempt));
    }

    /// <summary>Writes the end of a block.</summary>
    /// <param name="epoch">How often the chain was started anew.</param>
    /// <param name="seal">The message.</param>
    /// <param name="attempt">How often the block was cancelled before.</param>
    /// <returns>The envelope behind its length prefix.</returns>
    public ReadOnlySpan<byte> Write(uint epoch, SealV0 seal, byte attempt = 0)
    {
        int length = SealV0.EncodedLength(_revision);
        ulong sequence = AttemptSequence.Join(attempt, seal.TotalFrags);
        Span<byte> ssz = Reserve(EnvelopeKind.Seal, epoch, seal.BlockNumber, sequence, length);
        seal.Write(ssz, _revision);
        return Sign(length, seal.SigningDigest(_revision, attempt));
    }

    /// <summary>Writes that a block in progress is void.</summary>
    /// <param name="epoch">How often the chain was started anew.</param>
    /// <param name="cancel">The message.</param>
    /// <param name="attempt">The attempt that it voids: how often the block was cancelled before.</param>
    /// <returns>The envelope behind its length prefix.</returns>
    public ReadOnlySpan<byte> Write(uint epoch, CancelV0 cancel, byte attempt = 0)
    {
        ulong sequence = AttemptSequence.Join(attempt, cancel.FromSeq);
        Span<byte> ssz = Reserve(
            EnvelopeKind.Cancel, epoch, cancel.BlockNumber, sequence, CancelV0.EncodedLength);
        cancel.Write(ssz);
        return Sign(ssz.Length, cancel.SigningDigest(attempt));
    }

    /// <summary>Writes that this leader leaves.</summary>
    /// <param name="epoch">How often the chain was started anew.</param>
    /// <param name="handOver">The message.</param>
    /// <param name="attempt">How often the block was cancelled before.</param>
    /// <returns>The envelope behind its length prefix.</returns>
    public ReadOnlySpan<byte> Write(uint epoch, HandOverV0 handOver, byte attempt = 0)
    {
        ulong sequence = AttemptSequence.Join(attempt, handOver.LastSeq);
        Span<byte> ssz = Reserve(
            EnvelopeKind.HandOver, epoch, handOver.Number, sequence, HandOverV0.EncodedLength);
        handOver.Write(ssz);
        return Sign(ssz.Length, handOver.SigningDigest(attempt));
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => Array.Clear(_key);

    private Span<byte> Reserve(EnvelopeKind kind, uint epoch, ulong blockNumber, ulong sequence, int length)
    {
        if (_buffer.Length < SszOffset + length)
        {
            _buffer = new byte[Math.Max(SszOffset + length, _buffer.Length * 2)];
        }

        BinaryPrimitives.WriteInt32LittleEndian(_buffer, EnvelopeLayout.MessageOffset + length);
        new Envelope(kind, _revision, epoch, _networkId, blockNumber, sequence)
            .Write(_buffer.AsSpan(GreetingLayout.LengthPrefix));
        return _buffer.AsSpan(SszOffset, length);
    }

    private ReadOnlySpan<byte> Sign(int length, Hash256 digest)
    {
        MessageSignature.Sign(
            digest, _key,
            _buffer.AsSpan(
                GreetingLayout.LengthPrefix + EnvelopeLayout.SignatureOffset, EnvelopeLayout.SignatureLength));
        return _buffer.AsSpan(0, SszOffset + length);
    }
}
