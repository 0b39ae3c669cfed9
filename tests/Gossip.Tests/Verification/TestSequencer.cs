using Fragcast.Gossip.Wire;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Messages;

namespace Fragcast.Gossip.Tests.Verification;

/// <summary>A sequencer of the tests: makes envelopes as a publisher does.</summary>
internal sealed class TestSequencer
{
    private readonly byte[] _key = new byte[32];

    public TestSequencer(byte seed)
    {
        _key.AsSpan().Fill(seed);
        Span<byte> publicKey = stackalloc byte[64];
        Assert.True(Secp256k1.TryGetPublicKey(_key, publicKey));
        Address = Secp256k1.AddressOf(publicKey);
    }

    public Address Address { get; }

    public ReadOnlyMemory<byte> Key => _key;

    public static EnvV0 Env(ulong number, Hash256 parent = default) => new()
    {
        Number = number,
        ParentHash = parent,
        Beneficiary = default,
        Timestamp = 1000 + number,
        GasLimit = 30_000_000,
        BaseFee = 7,
        Difficulty = UInt256.Zero,
        PrevRandao = default,
        ExtraData = new byte[] { 1, 2, 3 },
        ParentBeaconBlockRoot = default,
    };

    public static SealV0 Seal(ulong number, ulong totalFrags) => new()
    {
        TotalFrags = totalFrags,
        BlockNumber = number,
        GasUsed = 1,
        GasLimit = 2,
        ParentHash = default,
        TransactionsRoot = default,
        ReceiptsRoot = default,
        StateRoot = default,
        BlockHash = default,
    };

    public static CancelV0 Cancel(ulong number, Hash256 parent, ulong fromSeq) => new()
    {
        BlockNumber = number,
        ParentHash = parent,
        FromSeq = fromSeq,
        Reason = CancelReason.Reorg,
    };

    public static HandOverV0 HandOver(ulong number, ulong lastSeq) => new()
    {
        Number = number,
        ParentHash = default,
        LastSeq = lastSeq,
        LastFragRoot = Keccak256.Hash([5]),
        NextLeader = Address.Parse("0x1234567890123456789012345678901234567890"),
        PendingCount = 77,
    };

    public byte[] Wrap(EnvV0 env, ulong networkId, uint epoch = 0, byte attempt = 0) =>
        Unframed(new EnvelopeWriter(networkId, _key).Write(epoch, env, attempt));

    public byte[] Wrap(SealV0 seal, ulong networkId, uint epoch = 0, byte attempt = 0) =>
        Unframed(new EnvelopeWriter(networkId, _key).Write(epoch, seal, attempt));

    public byte[] Wrap(CancelV0 cancel, ulong networkId, uint epoch = 0, byte attempt = 0) =>
        Unframed(new EnvelopeWriter(networkId, _key).Write(epoch, cancel, attempt));

    public byte[] Wrap(HandOverV0 handOver, ulong networkId, uint epoch = 0, byte attempt = 0) =>
        Unframed(new EnvelopeWriter(networkId, _key).Write(epoch, handOver, attempt));

    public byte[] Frag(
        ulong number, ulong seq, ulong networkId, uint epoch = 0, bool isLast = false,
        MessageRevision revision = MessageRevision.V0WithBlobGas, byte attempt = 0, params byte[][] transactions)
    {
        ReadOnlyMemory<byte>[] raw = transactions.Select(t => (ReadOnlyMemory<byte>)t).ToArray();
        var writer = new EnvelopeWriter(networkId, _key, revision);
        return Unframed(writer.Write(epoch, new FragHeader(number, seq, isLast), raw, attempt));
    }

    private static byte[] Unframed(ReadOnlySpan<byte> framed) => framed[GreetingLayout.LengthPrefix..].ToArray();
}
