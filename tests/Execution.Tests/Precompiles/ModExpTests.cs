using Fragcast.Execution.Evm;
using Fragcast.Execution.Precompiles;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Precompiles;

public sealed class ModExpTests
{
    private static readonly UInt256 Huge = UInt256.MaxValue;

    [Fact]
    public void Execute_WithBytesMissing_ReadsThemAsZeros()
    {
        // 3 ^ (2 followed by a byte that the input does not have) mod 1000, of two bytes.
        byte[] input = [.. Words(1, 2, 2), 3, 2];
        Assert.Equal(0, Execute(input, Fork.Prague, out var output));
        Assert.Equal([0, 0], output);

        byte[] complete = [.. Words(1, 2, 2), 3, 2, 0, 3, 0xE8];
        Execute(complete, Fork.Prague, out output);
        Assert.Equal(PowMod(3, 512, 1000), (output[0] << 8) | output[1]);
    }

    // What is charged exceeds any gas, so that nothing is allocated.
    [Theory]
    [InlineData(Fork.Byzantium)]
    [InlineData(Fork.Prague)]
    [InlineData(Fork.Osaka)]
    public void Execute_WithHugeLengths_IsOutOfGas(Fork fork)
    {
        Assert.Equal(Fault.OutOfGas, Execute(Words(Huge, 1, 1), fork, out _));
        Assert.Equal(Fault.OutOfGas, Execute(Words(1, 1, Huge), fork, out _));
        Assert.Equal(Fault.OutOfGas, Execute(Words(1, Huge, 1), fork, out _));
        Assert.Equal(Fault.OutOfGas, Execute(Words(Huge, Huge, Huge), fork, out _));
    }

    [Fact]
    public void Execute_WithoutBaseAndModulus_IsCheapWhateverTheExponent()
    {
        Assert.True(Execute(Words(0, Huge, 0), Fork.Prague, out var output, gas: 200) >= 0);
        Assert.Empty(output);
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void Execute_InOsaka_LimitsEachLength(int length, bool isGood)
    {
        Assert.Equal(isGood, Execute(Words(length, 1, 1), Fork.Osaka, out _, long.MaxValue) >= 0);
        Assert.Equal(isGood, Execute(Words(1, length, 1), Fork.Osaka, out _, long.MaxValue) >= 0);
        Assert.Equal(isGood, Execute(Words(1, 1, length), Fork.Osaka, out _, long.MaxValue) >= 0);
        Assert.True(Execute(Words(1, 1, length), Fork.Prague, out _, long.MaxValue) >= 0);
    }

    [Theory]
    [InlineData(0, "00")]
    [InlineData(1, "00")]
    [InlineData(7, "01")]
    public void Execute_ToThePowerOfZero_IsOneModuloTheModulus(byte modulus, string expected)
    {
        Execute([.. Words(1, 1, 1), 5, 0, modulus], Fork.Prague, out var output);
        Assert.Equal(Convert.FromHexString(expected), output);
    }

    // The gas that remains is not of interest: 0 when it succeeds.
    private static long Execute(byte[] input, Fork fork, out byte[] output, long gas = 1_000_000_000_000)
    {
        EvmSpec.For(fork).Precompiles.TryGet(Address.FromUInt256(5), out var modExp);
        var buffer = new PrecompileOutput();
        var left = modExp!.Execute(input, gas, buffer);
        output = buffer.Bytes.ToArray();
        return Math.Min(left, 0);
    }

    private static byte[] Words(params UInt256[] words) =>
        [.. words.SelectMany(static word => Hash256.FromUInt256(word).Bytes.ToArray())];

    private static int PowMod(int value, int exponent, int modulus)
    {
        var result = 1;
        for (var i = 0; i < exponent; i++)
        {
            result = result * value % modulus;
        }

        return result;
    }
}
