using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Gossip.Evidence;
using Fragcast.Gossip.Tests.Verification;
using Fragcast.Gossip.Verification;
using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Messages;
using Fragcast.Schedule;

namespace Fragcast.Gossip.Tests.Evidence;

public sealed class EvidenceRecordTests
{
    private const ulong Network = 42;

    private static readonly TestSequencer Leader = new(1);

    public static TheoryData<EnvelopeKind> Kinds() => new(Enum.GetValues<EnvelopeKind>());

    /// <summary>Two different messages of one place.</summary>
    internal static byte[][] Pair(EnvelopeKind kind, ulong block = 101, byte attempt = 0) => kind switch
    {
        EnvelopeKind.Env =>
        [
            Leader.Wrap(TestSequencer.Env(block), Network, 0, attempt),
            Leader.Wrap(TestSequencer.Env(block, Keccak256.Hash([1])), Network, 0, attempt),
        ],
        EnvelopeKind.Frag =>
        [
            Leader.Frag(block, 3, Network, attempt: attempt, transactions: [[1, 2], [3]]),
            Leader.Frag(block, 3, Network, attempt: attempt, transactions: [[1, 2], [4]]),
        ],
        EnvelopeKind.Seal =>
        [
            Leader.Wrap(TestSequencer.Seal(block, 4), Network, 0, attempt),
            Leader.Wrap(TestSequencer.Seal(block, 5), Network, 0, attempt),
        ],
        EnvelopeKind.Cancel =>
        [
            Leader.Wrap(TestSequencer.Cancel(block, default, 1), Network, 0, attempt),
            Leader.Wrap(TestSequencer.Cancel(block, default, 2), Network, 0, attempt),
        ],
        _ =>
        [
            Leader.Wrap(TestSequencer.HandOver(block, 1), Network, 0, attempt),
            Leader.Wrap(TestSequencer.HandOver(block, 2), Network, 0, attempt),
        ],
    };

    internal static EvidenceRecord Make(EnvelopeKind kind, ulong block = 101, byte attempt = 0, bool swap = false)
    {
        var gate = new MessageGate(new RoundRobinSchedule([Leader.Address], 0), Network);
        gate.SetHead(0, block - 1);
        byte[][] pair = Pair(kind, block, attempt);
        Assert.Equal(Refusal.None, gate.Check(pair[swap ? 1 : 0], out _));
        Assert.Equal(Refusal.None, gate.Check(pair[swap ? 0 : 1], out GossipMessage second));
        Assert.NotNull(second.Evidence);
        return second.Evidence;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryRead_OfTwoMessages_ProvesItInOneForm(EnvelopeKind kind)
    {
        EvidenceRecord made = Make(kind, attempt: 2);
        Assert.Equal(EvidenceError.None, EvidenceRecord.TryRead(made.Bytes, out EvidenceRecord? read));
        Assert.Equal(made.Id, read!.Id);
        Assert.Equal((Leader.Address, kind, 101UL, (byte)2), (read.Leader, read.Kind, read.Block, read.Attempt));
        Assert.Equal((EvidenceForm.Messages, Network), (read.Form, read.NetworkId));
        Assert.True(read.FirstDigest.CompareTo(read.SecondDigest) < 0);
        Assert.True(read.Bytes.Length <= EvidenceLayout.LengthMax);
        Assert.Equal(made.Bytes.ToArray(), Make(kind, attempt: 2, swap: true).Bytes.ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryRead_AnyBrokenByteOrLength_IsNoEvidenceAgainstTheLeader(EnvelopeKind kind)
    {
        byte[] good = Make(kind).Bytes.ToArray();
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 0x10;
            bool isNetwork = i is >= EvidenceLayout.NetworkIdOffset and < EvidenceLayout.LengthsOffset;
            EvidenceError error = EvidenceRecord.TryRead(bad, out EvidenceRecord? evidence);
            // The network is not proven in this form, as its description says.
            Assert.True(isNetwork || error != EvidenceError.None || evidence!.Leader != Leader.Address, $"byte {i}");
            Assert.NotEqual(EvidenceError.None, EvidenceRecord.TryRead(good.AsSpan(0, i), out _));
        }

        Assert.Equal(EvidenceError.BadLength, EvidenceRecord.TryRead([.. good, 0], out _));
    }

    [Fact]
    public void TryRead_OneMessageTwice_ProvesNothing()
    {
        EvidenceRecord good = Make(EnvelopeKind.Frag);
        int half = good.Body(0).Length + 65;
        byte[] twice = good.Bytes.ToArray();
        twice.AsSpan(EvidenceLayout.HeadLength, half).CopyTo(twice.AsSpan(EvidenceLayout.HeadLength + half));
        Assert.Equal(EvidenceError.NotDifferent, EvidenceRecord.TryRead(twice, out _));
    }

    [Fact]
    public void TryRead_TwoPlacesOrSigners_ProvesNothing()
    {
        SignedBody one = Frag(new TestSequencer(1), 3);
        Assert.Equal(EvidenceError.DifferentPlaces, MakeOf(one, Frag(new TestSequencer(1), 4)));
        Assert.Equal(EvidenceError.DifferentSigners, MakeOf(one, Frag(new TestSequencer(2), 3, 9)));
        Assert.Equal(EvidenceError.None, MakeOf(one, Frag(new TestSequencer(1), 3, 9)));
        Assert.Equal(EvidenceError.BadSignature, MakeOf(one, Frag(new TestSequencer(1), 3, 9) with
        {
            Signature = new byte[65],
        }));
        Assert.Equal(EvidenceError.Undecodable, MakeOf(one, one with { Body = one.Body[1..] }));
    }

    [Fact]
    public void TryMake_OtherFormsOfASignature_GiveTheSameBytes()
    {
        SignedBody one = Frag(Leader, 3);
        SignedBody other = Frag(Leader, 3, 9);
        byte[] mirrored = other.Signature.ToArray();
        UInt256 s = Hash256.FromBytes(mirrored.AsSpan(32, 32)).ToUInt256();
        Hash256.FromUInt256(Secp256k1.Order - s).CopyTo(mirrored.AsSpan(32));
        mirrored[64] = (byte)(27 + (mirrored[64] ^ 1));
        Assert.Equal(
            EvidenceError.None,
            EvidenceRecord.TryMakeOfMessages(Network, EnvelopeKind.Frag, 0, one, other, out EvidenceRecord? first));
        Assert.Equal(EvidenceError.None, EvidenceRecord.TryMakeOfMessages(
            Network, EnvelopeKind.Frag, 0, one, other with { Signature = mirrored }, out EvidenceRecord? second));
        Assert.Equal(first!.Id, second!.Id);
    }

    [Fact]
    public void TryMakeOfChunks_TwoRoots_ProvesItWithNetworkAndEpoch()
    {
        SignedBody one = Chunks(1, k: 20);
        Assert.Equal(
            EvidenceError.None,
            EvidenceRecord.TryMakeOfChunks(Network, EnvelopeKind.Frag, one, Chunks(2, 20), out EvidenceRecord? made));
        Assert.Equal(EvidenceError.None, EvidenceRecord.TryRead(made!.Bytes, out EvidenceRecord? read));
        Assert.Equal((EvidenceForm.Chunks, 7U, 101UL, (byte)1), (read!.Form, read.Epoch, read.Block, read.Attempt));
        Assert.Equal((5UL, (ushort)2, made.Leader), (read.FirstSequence, read.Segment, read.Leader));

        // The same root cut in another way is another thing that was signed.
        Assert.Equal(
            EvidenceError.None,
            EvidenceRecord.TryMakeOfChunks(Network, EnvelopeKind.Frag, one, Chunks(1, 21), out _));
        Assert.Equal(
            EvidenceError.NotDifferent, EvidenceRecord.TryMakeOfChunks(Network, EnvelopeKind.Frag, one, one, out _));
        Assert.Equal(
            EvidenceError.DifferentPlaces,
            EvidenceRecord.TryMakeOfChunks(Network, EnvelopeKind.Frag, one, Chunks(2, 20, block: 102), out _));
        Assert.Equal(
            EvidenceError.DifferentPlaces,
            EvidenceRecord.TryMakeOfChunks(Network, EnvelopeKind.Frag, one, Chunks(2, 20, attempt: 2), out _));
        Assert.Equal(
            EvidenceError.Undecodable,
            EvidenceRecord.TryMakeOfChunks(Network + 1, EnvelopeKind.Frag, one, Chunks(2, 20), out _));

        byte[] good = made.Bytes.ToArray();
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 1;
            EvidenceError error = EvidenceRecord.TryRead(bad, out EvidenceRecord? forged);
            Assert.True(error != EvidenceError.None || forged!.Leader != made.Leader, $"byte {i}");
        }
    }

    [Fact]
    public void TryRead_RandomBytes_NeverThrows()
    {
        var random = new Random(5);
        byte[][] good = [.. Enum.GetValues<EnvelopeKind>().Select(kind => Make(kind).Bytes.ToArray())];
        for (int round = 0; round < 4000; round++)
        {
            byte[] bytes = good[round % good.Length][..random.Next(good[round % good.Length].Length + 1)];
            for (int i = 0; i < 3 && bytes.Length > 0; i++)
            {
                bytes[random.Next(Math.Min(bytes.Length, 40))] = (byte)random.Next(256);
            }

            EvidenceRecord.TryRead(bytes, out _);
        }
    }

    private static EvidenceError MakeOf(SignedBody one, SignedBody other) =>
        EvidenceRecord.TryMakeOfMessages(Network, EnvelopeKind.Frag, 0, one, other, out _);

    private static SignedBody Frag(TestSequencer signer, ulong seq, byte content = 1)
    {
        byte[] envelope = signer.Frag(101, seq, Network, transactions: [[content]]);
        Assert.Equal(MessageError.None, FragV0.TryDecode(
            Envelope.Message(envelope), MessageRevision.V0WithBlobGas, out FragV0 frag));
        byte[] body =
        [
            .. frag.Ssz.Span[..25], .. FragDigest.TransactionsRoot(frag).Bytes,
        ];
        return new SignedBody(body, Envelope.Signature(envelope).ToArray());
    }

    // As the chunks' signature is specified.
    private static SignedBody Chunks(byte root, byte k, ulong block = 101, byte attempt = 1)
    {
        var body = new byte[EvidenceLayout.ChunksBodyLength];
        "fragcast/chunks1"u8.CopyTo(body);
        BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(16), Network);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(24), 7);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(28), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(30), 3);
        BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(32), block);
        BinaryPrimitives.WriteUInt64LittleEndian(body.AsSpan(40), AttemptSequence.Join(attempt, 5));
        body[48] = (byte)EnvelopeKind.Frag;
        body[49] = k;
        body[50] = 36;
        body.AsSpan(60, 20).Fill(root);
        var key = new byte[32];
        key.AsSpan().Fill(1);
        var signature = new byte[65];
        MessageSignature.Sign(Hash256.FromBytes(SHA256.HashData(body)), key, signature);
        return new SignedBody(body, signature);
    }
}
