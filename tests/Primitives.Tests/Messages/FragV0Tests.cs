using System.Buffers;
using Fragcast.Primitives.Messages;
using Fragcast.Primitives.Tests.Ssz;

namespace Fragcast.Primitives.Tests.Messages;

public class FragV0Tests
{
    [Theory]
    [InlineData(MessageRevision.V0, "01000000000000000000000000000000011500000004000000010203")]
    [InlineData(
        MessageRevision.V0WithBlobGas, "010000000000000000000000000000000100000000000000001d00000004000000010203")]
    public void Create_PublishedVector_HasThePublishedBytes(MessageRevision revision, string ssz)
    {
        Assert.Equal(ssz, Convert.ToHexStringLower(TestMessages.Frag(revision).Ssz.Span));
    }

    [Theory]
    [InlineData(MessageRevision.V0, "0x2a5ebad20a81878e5f229928e5c2043580051673b89a7a286008d30f62b10963")]
    [InlineData(MessageRevision.V0WithBlobGas, "0x03ad6cf2f1dcaa15376a664e013eb33765310ef6fe22247096593834350b4fca")]
    public void SigningDigest_PublishedVector_IsThePublishedRoot(MessageRevision revision, string root)
    {
        Assert.Equal(Hash256.Parse(root), TestMessages.Frag(revision).SigningDigest());
    }

    public static TheoryData<int[]> Shapes() => new(
        [], [0], [1], [32], [33], [64], [65], [0, 0], [100, 200, 300], [1024, 31, 0, 4096, 95],
        [.. Enumerable.Range(0, 70)], [.. Enumerable.Repeat(110, 32)], [.. Enumerable.Repeat(110, 33)],
        [.. Enumerable.Repeat(1, 64)], [100_000, 5, 70_000], [1024, 1025, 1056, 0, 2048, 2049, 17, 3000],
        [32768, 1, 32769, 65536, 65537, 33], [.. Enumerable.Range(0, 40).Select(i => i * 97)]);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void HashTreeRoot_AnyShape_EqualsTheNaiveRoot(int[] lengths)
    {
        foreach (var revision in Enum.GetValues<MessageRevision>())
        {
            var frag = TestMessages.Frag(lengths.Length, lengths, revision);
            var roots = new List<byte[]>();
            foreach (var transaction in frag.Transactions)
            {
                roots.Add(NaiveSsz.ByteList(transaction.ToArray(), 25));
            }

            var txs = NaiveSsz.List(roots, 20);
            List<byte[]> fields = [NaiveSsz.Number(7), NaiveSsz.Number(3), NaiveSsz.Number(0)];
            var expected = revision == MessageRevision.V0
                ? NaiveSsz.Merkleize([.. fields, txs], 2)
                : NaiveSsz.Merkleize([.. fields, NaiveSsz.Number(11), txs], 3);

            Assert.Equal(Hash256.FromBytes(expected), frag.HashTreeRoot());
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TryDecode_WhatCreateWrote_GivesTheSame(int[] lengths)
    {
        foreach (var revision in Enum.GetValues<MessageRevision>())
        {
            var header = new FragHeader(ulong.MaxValue, 3, true, revision == MessageRevision.V0 ? 0 : 99u);
            var written = TestMessages.Frag(lengths.Length, lengths, revision, header);

            Assert.Equal(MessageError.None, FragV0.TryDecode(written.Ssz, revision, out var frag));
            Assert.Equal(header, frag.Header);
            Assert.Equal(lengths.Length, frag.Transactions.Count);
            Assert.Equal(lengths.Sum(), frag.Transactions.TotalLength);
            for (var i = 0; i < lengths.Length; i++)
            {
                Assert.Equal(lengths[i], frag.Transactions[i].Length);
            }
        }
    }

    [Fact]
    public void Transactions_OfADecodedFrag_AreSlicesOfTheInput()
    {
        var ssz = TestMessages.Frag(MessageRevision.V0WithBlobGas).Ssz.ToArray();
        Assert.Equal(MessageError.None, FragV0.TryDecode(ssz, MessageRevision.V0WithBlobGas, out var frag));

        ssz[^1] = 0xEE;

        Assert.Equal([1, 2, 0xEE], frag.Transactions[0].ToArray());
    }

    [Fact]
    public void Transactions_IndexPastTheEnd_Throws()
    {
        var frag = TestMessages.Frag(MessageRevision.V0WithBlobGas);
        Assert.Throws<ArgumentOutOfRangeException>(() => frag.Transactions[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => frag.Transactions[-1]);
    }

    [Theory]
    [InlineData("", MessageError.Truncated)]
    [InlineData("010000000000000000000000000000000100000000000000001d0000", MessageError.Truncated)]
    [InlineData("010000000000000000000000000000000200000000000000001d000000", MessageError.BadBoolean)]
    [InlineData("010000000000000000000000000000000100000000000000001e00000004000000", MessageError.BadOffset)]
    [InlineData("0100000000000000000000000000000001000000000000000015000000", MessageError.BadOffset)]
    [InlineData("010000000000000000000000000000000100000000000000001d00000000000000", MessageError.BadOffset)]
    [InlineData("010000000000000000000000000000000100000000000000001d00000005000000aa", MessageError.BadOffset)]
    [InlineData("010000000000000000000000000000000100000000000000001d00000008000000", MessageError.BadOffset)]
    [InlineData("010000000000000000000000000000000100000000000000001d000000080000000000000000", MessageError.BadOffset)]
    [InlineData("010000000000000000000000000000000100000000000000001d0000000800000009000000", MessageError.BadOffset)]
    [InlineData("010000000000000000000000000000000100000000000000001d00000008000000ffffffff", MessageError.ListTooLong)]
    public void TryDecode_BadInput_SaysWhatIsWrong(string hex, MessageError expected)
    {
        Assert.Equal(
            expected, FragV0.TryDecode(Convert.FromHexString(hex), MessageRevision.V0WithBlobGas, out var frag));
        Assert.Equal(0, frag.Transactions.Count);
    }

    [Fact]
    public void TryDecode_MoreTransactionsThanTheLimit_IsTooLong()
    {
        const int count = (1 << 20) + 1;
        var ssz = new byte[29 + (4 * count)];
        ssz[25] = 29;
        for (var i = 0; i < count; i++)
        {
            BitConverter.TryWriteBytes(ssz.AsSpan(29 + (4 * i)), 4 * count);
        }

        Assert.Equal(MessageError.ListTooLong, FragV0.TryDecode(ssz, MessageRevision.V0WithBlobGas, out _));
    }

    [Fact]
    public void TryDecode_MutatedFrags_GiveAnErrorOrAFragThatReadsToItsEnd()
    {
        var random = new Random(4711);
        var original = TestMessages.Frag(1, [40, 0, 7, 100]).Ssz.ToArray();
        var decoded = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var revision = (MessageRevision)random.Next(2);
            var mutated = Mutation.Of(original, random, focus: 48);
            if (FragV0.TryDecode(mutated, revision, out var frag) != MessageError.None)
            {
                continue;
            }

            decoded++;
            var total = 0;
            foreach (var transaction in frag.Transactions)
            {
                total += transaction.Length;
            }

            Assert.Equal(frag.Transactions.TotalLength, total);
            if (decoded % 16 == 0)
            {
                Assert.NotEqual(default, frag.HashTreeRoot());
            }
        }

        Assert.InRange(decoded, 1, 19_999);
    }

    [Fact]
    public void HashTreeRoot_AndEnumeration_DoNotAllocate()
    {
        var frag = TestMessages.Frag(1, [.. Enumerable.Repeat(300, 100)]);
        _ = frag.HashTreeRoot();
        Hash256 root = default;
        var total = 0;
        var error = MessageError.None;
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            root = frag.HashTreeRoot();
            total = 0;
            foreach (var transaction in frag.Transactions)
            {
                total += transaction.Length;
            }

            error = FragV0.TryDecode(frag.Ssz, frag.Revision, out _);
        }

        Assert.Equal((0L, 30_000, MessageError.None, false), (gate.LeastBytes, total, error, root.IsZero));
    }

    [Theory]
    [InlineData(MessageRevision.V0)]
    [InlineData(MessageRevision.V0WithBlobGas)]
    public void FragBuilder_WritesWhatCreateWrites_ToSpansAndWriters(MessageRevision revision)
    {
        var frag = TestMessages.Frag(5, [10, 0, 2000], revision, new FragHeader(9, 8, true, 0));
        var builder = new FragBuilder(1 << 20, revision);
        for (var round = 0; round < 2; round++)
        {
            builder.Start();
            foreach (var transaction in frag.Transactions)
            {
                Assert.True(builder.TryAdd(transaction));
            }

            Assert.Equal(frag.Ssz.Length, builder.EncodedLength);
            var span = new byte[builder.EncodedLength];
            var writer = new ArrayBufferWriter<byte>();

            Assert.Equal(span.Length, builder.Write(frag.Header, span));
            Assert.Equal(span.Length, builder.Write(frag.Header, writer));
            Assert.Equal(frag.Ssz.ToArray(), span);
            Assert.Equal(frag.Ssz.ToArray(), writer.WrittenSpan.ToArray());
        }
    }

    [Fact]
    public void FragBuilder_TransactionThatDoesNotFit_IsRefusedAndNothingChanges()
    {
        var builder = new FragBuilder(29 + 4 + 10);

        Assert.False(builder.TryAdd(new byte[11]));
        Assert.True(builder.TryAdd(new byte[10]));
        Assert.False(builder.TryAdd(ReadOnlyMemory<byte>.Empty));
        Assert.Equal((1, 43), (builder.Count, builder.EncodedLength));
    }
}
