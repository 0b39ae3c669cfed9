using Fragcast.Primitives.Rlp;

namespace Fragcast.Primitives.Tests.Rlp;

/// <summary>An item with all that is inside it: a byte string, or a list of items.</summary>
internal sealed record RlpTree(byte[]? Text, RlpTree[] Items)
{
    /// <summary>Deeper input is not decoded, so that tests may recurse.</summary>
    public const int DepthMax = 200;

    public static RlpTree Of(byte[] text) => new(text, []);

    public static RlpTree Of(params RlpTree[] items) => new(null, items);

    /// <summary>Reads exactly one item, checked to the innermost; null if anything is wrong.</summary>
    public static RlpTree? Decode(ReadOnlySpan<byte> data)
    {
        RlpReader reader = new(data);
        RlpTree? tree = Decode(ref reader, 0);
        return tree is not null && reader.TryFinish() ? tree : null;
    }

    public static RlpTree Random(Random random, int depth)
    {
        if (depth == 0 || random.Next(3) == 0)
        {
            int size = random.Next(5) switch { 0 => 0, 1 => 1, 2 => random.Next(54, 58), _ => random.Next(300) };
            byte[] text = new byte[size];
            random.NextBytes(text);
            return Of(text);
        }

        RlpTree[] items = new RlpTree[random.Next(6)];
        for (int i = 0; i < items.Length; i++) items[i] = Random(random, depth - 1);
        return Of(items);
    }

    public byte[] Encode()
    {
        RlpWriter writer = new(stackalloc byte[16]);
        Encode(ref writer);
        byte[] encoded = writer.ToArray();
        writer.Dispose();
        return encoded;
    }

    /// <summary>The length by the rules for lengths alone.</summary>
    public int EncodedLength() =>
        Text is not null ? RlpLength.Of(Text) : RlpLength.OfList(Items.Sum(item => item.EncodedLength()));

    private static RlpTree? Decode(ref RlpReader reader, int depth)
    {
        if (!reader.IsNextList) return reader.TryReadBytes(out ReadOnlySpan<byte> text) ? Of(text.ToArray()) : null;
        if (depth == DepthMax || !reader.TryReadList(out RlpReader inner)) return null;
        List<RlpTree> items = [];
        while (!inner.IsAtEnd)
        {
            RlpTree? item = Decode(ref inner, depth + 1);
            if (item is null) return null;
            items.Add(item);
        }

        return Of([.. items]);
    }

    private void Encode(ref RlpWriter writer)
    {
        if (Text is not null)
        {
            writer.Write(Text);
            return;
        }

        // Both ways to write a list: closed at its end, and with a length known ahead.
        bool known = Items.Length % 2 == 0;
        if (known)
            writer.StartList(Items.Sum(item => item.EncodedLength()));
        else
            writer.StartList();
        foreach (RlpTree item in Items) item.Encode(ref writer);
        if (!known) writer.EndList();
    }
}
