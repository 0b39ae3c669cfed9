namespace Fragcast.Primitives.Tests;

/// <summary>Damages bytes the way fuzzers do, from a seeded source.</summary>
internal static class Mutation
{
    /// <summary>
    /// One to four of: a byte replaced, a bit flipped, bytes cut out, repeated or inserted, the end cut off.
    /// </summary>
    /// <param name="original">What to damage; it stays as it is.</param>
    /// <param name="random">The source.</param>
    /// <param name="focus">Every second change falls into the first so many bytes, where the headers are.</param>
    public static byte[] Of(byte[] original, Random random, int focus)
    {
        var bytes = original.ToList();
        for (var changes = random.Next(1, 5); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(random.Next(2) == 0 ? Math.Min(focus, bytes.Count) : bytes.Count);
            var length = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0 or 1:
                    bytes[at] = Interesting(random);
                    break;
                case 2 or 3:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 4:
                    bytes[at] += (byte)random.Next(-2, 3);
                    break;
                case 5:
                    bytes.RemoveRange(at, length);
                    break;
                case 6:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                default:
                    bytes.RemoveRange(at, random.Next(2) == 0 ? bytes.Count - at : 0);
                    bytes.Add(Interesting(random));
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte Interesting(Random random)
    {
        ReadOnlySpan<byte> edges = [0x00, 0x01, 0x7F, 0x80, 0x81, 0xA0, 0xB7, 0xB8, 0xBF, 0xC0, 0xC1, 0xF7, 0xF8, 0xFF];
        return random.Next(2) == 0 ? edges[random.Next(edges.Length)] : (byte)random.Next(256);
    }
}
