using Fragcast.Execution.Blocks;

namespace Fragcast.Execution.Tests.Blocks;

public class FastLzTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    public void CompressedLength_OneByteRepeated_IsThatOfTheReference(byte value) =>
        Assert.Equal(21, new FastLz().CompressedLength(Enumerable.Repeat(value, 1000).ToArray()));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    [InlineData(13, 14)]
    [InlineData(32, 33)]
    [InlineData(33, 35)]
    [InlineData(64, 66)]
    public void CompressedLength_WithoutRepetition_IsThatOfLiterals(int length, int expected)
    {
        byte[] data = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Assert.Equal(expected, new FastLz().CompressedLength(data));
    }

    [Fact]
    public void CompressedLength_RandomInputsOneAfterAnother_AgreesWithAStepByStepCompressor()
    {
        var random = new Random(3);
        var fastLz = new FastLz();
        for (int i = 0; i < 400; i++)
        {
            byte[] data = NewInput(random);
            Assert.Equal(StepByStep(data), fastLz.CompressedLength(data));
        }
    }

    private static byte[] NewInput(Random random)
    {
        var data = new byte[random.Next(random.Next(2) == 0 ? 60 : 20_000)];
        int alphabet = 1 << random.Next(1, 9);
        for (int i = 0; i < data.Length; i++)
        {
            bool isCopy = i > 10 && random.Next(10) > 0;
            data[i] = isCopy ? data[i - random.Next(1, Math.Min(i, 9000))] : (byte)random.Next(alphabet);
            if (!isCopy || i + 300 >= data.Length || random.Next(20) > 0) continue;
            int length = random.Next(3, 300);
            int from = random.Next(i);
            for (int j = 1; j < length; j++) data[i + j] = data[from + j];
            i += length - 1;
        }

        return data;
    }

    /// <summary>The compressor as its source steps through the input, cursors and all.</summary>
    private static int StepByStep(byte[] data)
    {
        var table = new int[8192];
        int limit = data.Length < 13 ? 0 : data.Length - 13;
        int total = 0, anchor = 0, position = 2;
        while (position < limit)
        {
            int reference;
            while (true)
            {
                int triple = Triple(position);
                reference = table[HashOf(triple)];
                table[HashOf(triple)] = position;
                int distance = position - reference;
                if (position >= limit) break;
                position++;
                if (distance <= 8191 && triple == Triple(reference)) break;
            }

            if (position >= limit) break;
            position--;
            total += Literals(position - anchor);
            int length = 0;
            for (int end = limit + 9 - (position + 3); length < end; length++)
            {
                if (data[reference + 3 + length] != data[position + 3 + length]) end = 0;
            }

            total += 3 * ((length - 1) / 262) + ((length - 1) % 262 >= 6 ? 3 : 2);
            position += length;
            for (int i = 0; i < 2; i++) table[HashOf(Triple(position))] = position++;
            anchor = position;
        }

        return total + Literals(data.Length - anchor);

        int Triple(int at) => data[at] | data[at + 1] << 8 | data[at + 2] << 16;
        static int HashOf(int triple) => (int)((2654435769u * (uint)triple) >> 19);
        static int Literals(int count) => 33 * (count / 32) + (count % 32 == 0 ? 0 : count % 32 + 1);
    }
}
