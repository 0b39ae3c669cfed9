namespace Fragcast.Primitives.Tests;

public sealed class KeccakBatchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(400)]
    public void Flush_MessagesOfAnyLength_GivesEachItsDigest(int count)
    {
        var random = new Random(count);
        var messages = new byte[count][];
        var digests = new Hash256?[count];
        var batch = new KeccakBatch<int>((int tag, in Hash256 digest) =>
        {
            Assert.Null(digests[tag]);
            digests[tag] = digest;
        });
        for (int i = 0; i < count; i++)
        {
            messages[i] = new byte[random.Next(KeccakBatch<int>.LengthMax + 20)];
            random.NextBytes(messages[i]);
            batch.Add(i, messages[i]);
        }

        batch.Flush();
        for (int i = 0; i < count; i++) Assert.Equal(Keccak256.Hash(messages[i]), digests[i]);
    }

    [Fact]
    public void Flush_EveryLength_GivesTheDigestsOfSingleMessages()
    {
        // Seven neighbours of the same length, so that all of the eight places are used.
        var expected = new List<Hash256>();
        var digests = new Dictionary<int, Hash256>();
        var batch = new KeccakBatch<int>((int tag, in Hash256 digest) => digests.Add(tag, digest));
        for (int length = 0; length <= KeccakBatch<int>.LengthMax; length++)
        {
            for (int i = 0; i < 8; i++)
            {
                byte[] message = new byte[length];
                Array.Fill(message, (byte)(length + 31 * i));
                batch.Add(expected.Count, message);
                expected.Add(Keccak256.Hash(message));
            }
        }

        batch.Flush();
        for (int i = 0; i < expected.Count; i++) Assert.Equal(expected[i], digests[i]);
    }

    [Fact]
    public void Flush_Nothing_DeliversNothing() =>
        new KeccakBatch<int>((int _, in Hash256 _) => Assert.Fail("There is no message.")).Flush();
}
