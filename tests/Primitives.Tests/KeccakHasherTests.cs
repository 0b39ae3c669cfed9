namespace Fragcast.Primitives.Tests;

public sealed class KeccakHasherTests
{
    [Fact]
    public void Update_RandomPieces_EqualsOneShot()
    {
        Random random = new(3);
        byte[] data = new byte[2000];
        random.NextBytes(data);
        KeccakHasher hasher = default;
        for (int round = 0; round < 300; round++)
        {
            int length = random.Next(data.Length + 1);
            for (int at = 0; at < length;)
            {
                // Often whole blocks and single bytes, where the boundaries are.
                int piece = random.Next(4) switch { 0 => 1, 1 => 136, 2 => random.Next(4), _ => random.Next(300) };
                piece = Math.Min(piece, length - at);
                hasher.Update(data.AsSpan(at, piece));
                at += piece;
            }

            Assert.Equal(Keccak256.Hash(data.AsSpan(0, length)), hasher.Finish());
        }
    }

    [Fact]
    public void Finish_OfCopy_LeavesTheOriginalGoingOn()
    {
        KeccakHasher hasher = default;
        hasher.Update("abc"u8);
        KeccakHasher copy = hasher;
        Assert.Equal(Keccak256.Hash("abc"u8), copy.Finish());
        hasher.Update("def"u8);
        Span<byte> digest = stackalloc byte[32];
        hasher.Finish(digest);
        Assert.Equal(Keccak256.Hash("abcdef"u8), Hash256.FromBytes(digest));
        Assert.Equal(Keccak256.EmptyString, hasher.Finish());
    }
}
