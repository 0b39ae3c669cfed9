using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Tests.Rlp;

/// <summary>
/// Any input gives items or an error. What is accepted is the one canonical form: written again, it is the input.
/// </summary>
public sealed class RlpFuzzTests
{
    private const int RandomInputs = 100_000;
    private const int MutatedInputs = 30_000;

    [Fact]
    public void Decode_RandomBytes_AreRefusedOrCanonical()
    {
        Random random = new(77);
        int accepted = 0;
        for (int i = 0; i < RandomInputs; i++)
        {
            byte[] input = new byte[random.Next(12)];
            random.NextBytes(input);
            if (input.Length > 0 && random.Next(2) == 0) input[0] = (byte)(0xC0 + input.Length - 1);
            accepted += Check(input) ? 1 : 0;
        }

        Assert.InRange(accepted, RandomInputs / 20, RandomInputs / 2);
    }

    [Fact]
    public void Decode_MutatedTrees_AreRefusedOrCanonical()
    {
        Random random = new(78);
        int accepted = 0;
        for (int i = 0; i < MutatedInputs; i++)
        {
            byte[] valid = RlpTree.Random(random, 3).Encode();
            accepted += Check(Mutation.Of(valid, random, 12)) ? 1 : 0;
        }

        Assert.InRange(accepted, MutatedInputs / 100, MutatedInputs / 2);
    }

    [Fact]
    public void Decode_RandomTrees_RoundTrips()
    {
        Random random = new(79);
        for (int i = 0; i < 5_000; i++)
        {
            RlpTree tree = RlpTree.Random(random, 4);
            byte[] encoded = tree.Encode();
            Assert.Equal(tree.EncodedLength(), encoded.Length);
            AssertEqual(tree, RlpTree.Decode(encoded));
        }
    }

    [Fact]
    public void Readers_RandomBytes_NeverAllocate()
    {
        Random random = new(80);
        byte[] input = new byte[64];
        ReadEveryWay(input);
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            for (int i = 0; i < 10_000; i++)
            {
                random.NextBytes(input);
                ReadEveryWay(input);
            }
        }

        Assert.Equal(0, gate.LeastBytes);
    }

    private static bool Check(byte[] input)
    {
        ReadEveryWay(input);
        RlpTree? tree = RlpTree.Decode(input);
        if (tree is null) return false;
        Assert.True(tree.Encode().AsSpan().SequenceEqual(input), Hex.Encode(input));
        return true;
    }

    /// <summary>Each way of reading an item, at every item that the bytes hold.</summary>
    private static void ReadEveryWay(ReadOnlySpan<byte> input)
    {
        RlpReader reader = new(input);
        _ = reader.TryCountItems(out _);
        while (reader.Error == RlpError.None)
        {
            RlpReader copy = reader;
            _ = copy.TryReadUInt64(out _);
            copy = reader;
            _ = copy.TryReadUInt256(out _);
            copy = reader;
            _ = copy.TryReadHash256(out _);
            copy = reader;
            _ = copy.TryReadAddress(out _);
            copy = reader;
            _ = copy.TryReadOptionalAddress(out _);
            copy = reader;
            if (copy.TryReadList(out RlpReader inner)) _ = inner.TryCountItems(out _);
            if (!reader.TryReadItem(out ReadOnlySpan<byte> item)) break;
            Assert.True(item.Length > 0 && item.Length <= input.Length);
            Assert.True(reader.Position >= item.Length && reader.Position <= input.Length);
        }

        _ = reader.TryFinish();
    }

    private static void AssertEqual(RlpTree expected, RlpTree? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.Items.Length, actual.Items.Length);
        for (int i = 0; i < expected.Items.Length; i++) AssertEqual(expected.Items[i], actual.Items[i]);
    }
}
