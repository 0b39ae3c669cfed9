using FsCheck;
using FsCheck.Fluent;
using Fragcast.Gossip.Chunks.Coding;

namespace Fragcast.Gossip.Tests.Chunks.Coding;

public sealed unsafe class ReedSolomonTests
{
    public static TheoryData<FieldPath> Paths => [.. Enum.GetValues<FieldPath>()];

    [Fact]
    public void Multiply_ExampleOfFips197_IsItsProduct() => Assert.Equal(0xC1, GaloisField.Multiply(0x57, 0x83));

    [Fact]
    public void Inverse_EveryElement_GivesOne()
    {
        for (int value = 1; value < 256; value++)
        {
            Assert.Equal(1, GaloisField.Multiply((byte)value, GaloisField.Inverse((byte)value)));
        }
    }

    [Fact]
    public void Factor_OfParityFromData_IsTheInverseOfTheXor()
    {
        var code = new ReedSolomon();
        byte[] data = [0, 1, 2, 3, 4, 5, 6];
        for (int row = 7; row < 255; row++)
        {
            for (int column = 0; column < data.Length; column++)
            {
                Assert.Equal(GaloisField.Inverse((byte)(row ^ column)), code.Factor(data, (byte)row, column));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Compute_EveryLength_EqualsSumsByteByByte(FieldPath path)
    {
        if (!ReedSolomon.IsSupported(path))
        {
            Assert.Throws<PlatformNotSupportedException>(() => new ReedSolomon(path));
            return;
        }

        foreach (int length in (int[])[.. Enumerable.Range(1, 200), 255, 256, 257, 1187])
        {
            // 4 rows at once and 3 by themselves.
            const int Data = 5, Total = 12;
            Stripes stripes = Stripes.Encoded(new ReedSolomon(path), Data, Total, length, seed: length);
            for (int row = Data; row < Total; row++)
            {
                for (int at = 0; at < length; at++)
                {
                    int sum = 0;
                    for (int column = 0; column < Data; column++)
                    {
                        byte factor = GaloisField.Inverse((byte)(row ^ column));
                        sum ^= GaloisField.Multiply(factor, stripes.Chunk(column)[at]);
                    }

                    Assert.Equal(sum, stripes.Chunk(row)[at]);
                }
            }

            Assert.True(stripes.AreGapsUntouched);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Compute_AnyKOfN_GivesAllOthers(FieldPath path)
    {
        if (!ReedSolomon.IsSupported(path))
        {
            return;
        }

        var code = new ReedSolomon(path);
        Gen<(int Data, int Parity, int Length, int Seed)> cases =
            from data in Gen.Choose(1, 160)
            from parity in Gen.Choose(1, 255 - data)
            from length in Gen.Choose(1, path == FieldPath.Scalar ? 3 : 150)
            from seed in Gen.Choose(0, int.MaxValue)
            select (data, parity, length, seed);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(30),
            Prop.ForAll(cases.ToArbitrary(), c => Recovers(code, c.Data, c.Data + c.Parity, c.Length, c.Seed)));
    }

    [Fact]
    public void Compute_Always_AllocatesNothing()
    {
        var code = new ReedSolomon();
        Stripes stripes = Stripes.Encoded(code, 37, 69, 895, seed: 1);
        byte[] have = [.. Enumerable.Range(8, 37).Select(i => (byte)i)];
        byte[] want = [0, 1, 2, 3, 4, 5, 6, 7];
        nint[] inputs = [.. have.Select(i => stripes.Address(i))];
        nint[] outputs = [.. want.Select(i => stripes.Address(i))];
        AllocationGate gate = new();
        while (gate.NextRun())
        {
            code.Compute(have, inputs, want, outputs, stripes.Length);
        }

        Assert.Equal(0, gate.LeastBytes);
    }

    private static bool Recovers(ReedSolomon code, int data, int total, int length, int seed)
    {
        Stripes stripes = Stripes.Encoded(code, data, total, length, seed);
        byte[] order = [.. Enumerable.Range(0, total).Select(i => (byte)i)];
        new Random(seed).Shuffle(order);
        byte[] have = order[..data], want = order[data..];
        byte[][] expected = [.. want.Select(i => stripes.Chunk(i).ToArray())];
        foreach (byte index in want)
        {
            stripes.Chunk(index).Fill(0xEE);
        }

        code.Compute(
            have, [.. have.Select(i => stripes.Address(i))], want, [.. want.Select(i => stripes.Address(i))], length);
        return want.Select((index, i) => stripes.Chunk(index).SequenceEqual(expected[i])).All(equal => equal)
            && stripes.AreGapsUntouched;
    }

    /// <summary>Chunks side by side at odd addresses, with bytes between them that nobody may write.</summary>
    private sealed class Stripes(int total, int length)
    {
        private const byte Guard = 0xA5;

        private readonly byte[] _memory = GC.AllocateArray<byte>((total * (length + 1)) + 1, pinned: true);

        public int Length => length;

        public bool AreGapsUntouched => Enumerable.Range(0, total + 1).All(i => _memory[i * (length + 1)] == Guard);

        public static Stripes Encoded(ReedSolomon code, int data, int total, int length, int seed)
        {
            var stripes = new Stripes(total, length);
            new Random(seed).NextBytes(stripes._memory);
            for (int i = 0; i <= total; i++)
            {
                stripes._memory[i * (length + 1)] = Guard;
            }

            byte[] all = [.. Enumerable.Range(0, total).Select(i => (byte)i)];
            nint[] addresses = [.. all.Select(i => stripes.Address(i))];
            code.Compute(all.AsSpan(0, data), addresses, all.AsSpan(data), addresses.AsSpan(data), length);
            return stripes;
        }

        public Span<byte> Chunk(int index) => _memory.AsSpan((index * (length + 1)) + 1, length);

        public nint Address(int index)
        {
            fixed (byte* first = _memory)
            {
                return (nint)(first + (index * (length + 1)) + 1);
            }
        }
    }
}
