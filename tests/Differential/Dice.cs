using Fragcast.Primitives;

namespace Fragcast.Differential;

/// <summary>Seeded choices: the same seed gives the same run.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>A number from 0 to one below the bound.</summary>
    public int Below(int bound) => _random.Next(bound);

    public int Between(int least, int most) => _random.Next(least, most + 1);

    public bool Chance(int percent) => _random.Next(100) < percent;

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A word: mostly one at an edge of something, else of random length.</summary>
    public UInt256 Word() => Below(12) switch
    {
        0 => UInt256.Zero,
        1 => UInt256.One,
        2 => UInt256.MaxValue,
        3 => UInt256.One << 255,
        4 => UInt256.One << Below(256),
        5 => UInt256.MaxValue - (ulong)Below(300),
        6 => (UInt256.One << Below(256)) - UInt256.One,
        7 or 8 => (ulong)Below(300),
        _ => UInt256.FromBigEndian(Padded(Bytes(Between(1, 32)))),
    };

    private static byte[] Padded(byte[] bytes) => [.. new byte[32 - bytes.Length], .. bytes];
}
