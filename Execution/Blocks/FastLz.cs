namespace Fragcast.Execution.Blocks;

/// <summary>
/// The length to which FastLZ (level 1) compresses, without the compressed bytes: how Fjord estimates what a
/// transaction takes on L1. Remembers the last position of each hash of three bytes; matches reach back at most 8,191
/// bytes. Keeps its table from use to use; not thread-safe.
/// </summary>
internal sealed class FastLz
{
    private const int TableBits = 13;
    private const int MaxDistance = (1 << TableBits) - 1;
    private const uint Multiplier = 2654435769;

    // What the compressor leaves alone at the end of its input: no match starts in the last 14 bytes, or reaches into
    // the last 4.
    private const int MatchStartMargin = 14;
    private const int MatchEndMargin = 4;

    private const int MaxLiteralRun = 32;
    private const int MaxMatchLength = 262;

    private readonly int[] _table = new int[1 << TableBits];

    // Positions are stored above all those of earlier inputs, so that the table needs no clearing: what is below
    // reads as position zero, which is what a cleared table holds.
    private int _base;

    /// <summary>The compressed length of some bytes.</summary>
    public int CompressedLength(ReadOnlySpan<byte> data)
    {
        if (_base > int.MaxValue - data.Length)
        {
            Array.Clear(_table);
            _base = 0;
        }

        int length = 0;
        int literalsStart = 0;
        for (int position = 2; position < data.Length - MatchStartMargin;)
        {
            int triple = TripleAt(data, position);
            int candidate = Exchange(triple, position);
            if (position - candidate > MaxDistance || triple != TripleAt(data, candidate))
            {
                position++;
                continue;
            }

            length += LiteralsLength(position - literalsStart);
            int matched = MatchLength(data, candidate + 3, position + 3);
            length += matched / MaxMatchLength * 3 + (matched % MaxMatchLength >= 6 ? 3 : 2);
            position += matched + 1;
            Exchange(TripleAt(data, position), position++);
            Exchange(TripleAt(data, position), position++);
            literalsStart = position;
        }

        _base += data.Length;
        return length + LiteralsLength(data.Length - literalsStart);
    }

    /// <summary>The last position of a triple's hash; from now on it is the given one.</summary>
    private int Exchange(int triple, int position)
    {
        ref int entry = ref _table[(Multiplier * (uint)triple) >> (32 - TableBits)];
        int last = Math.Max(entry - _base, 0);
        entry = _base + position;
        return last;
    }

    private static int LiteralsLength(int count)
    {
        int rest = count % MaxLiteralRun;
        return count / MaxLiteralRun * (MaxLiteralRun + 1) + (rest == 0 ? 0 : rest + 1);
    }

    /// <summary>Bytes that agree behind the triple; where the input's end stops them, one less.</summary>
    private static int MatchLength(ReadOnlySpan<byte> data, int candidate, int position)
    {
        ReadOnlySpan<byte> rest = data[position..^MatchEndMargin];
        int common = rest.CommonPrefixLength(data[candidate..]);
        return common < rest.Length ? common : common - 1;
    }

    private static int TripleAt(ReadOnlySpan<byte> data, int position) =>
        data[position] | data[position + 1] << 8 | data[position + 2] << 16;
}
