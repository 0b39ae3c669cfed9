using System.Text.Json;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Precompiles;
using Fragcast.Execution.Tests.Conformance;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Precompiles;

/// <summary>
/// go-ethereum's vectors of the precompiles: input, output, gas; and inputs that must be refused. The dearest ones run
/// only when the whole conformance is asked for.
/// </summary>
public sealed class PrecompileVectorTests
{
    private const string Archive = "evm/precompile-vectors.tar.gz";
    private const long GasMax = 300_000;

    public static TheoryData<string, int, Fork> Files { get; } = new()
    {
        { "ecRecover", 0x01, Fork.Prague },
        { "modexp", 0x05, Fork.Byzantium },
        { "modexp_eip2565", 0x05, Fork.Berlin },
        { "modexp_eip7883", 0x05, Fork.Osaka },
        { "bn256Add", 0x06, Fork.Prague },
        { "bn256ScalarMul", 0x07, Fork.Prague },
        { "bn256Pairing", 0x08, Fork.Prague },
        { "blake2F", 0x09, Fork.Prague },
        { "fail-blake2f", 0x09, Fork.Prague },
        { "pointEvaluation", 0x0A, Fork.Prague },
        { "blsG1Add", 0x0B, Fork.Prague },
        { "blsG1Mul", 0x0C, Fork.Prague },
        { "blsG1MultiExp", 0x0C, Fork.Prague },
        { "blsG2Add", 0x0D, Fork.Prague },
        { "blsG2Mul", 0x0E, Fork.Prague },
        { "blsG2MultiExp", 0x0E, Fork.Prague },
        { "blsPairing", 0x0F, Fork.Prague },
        { "blsMapG1", 0x10, Fork.Prague },
        { "blsMapG2", 0x11, Fork.Prague },
        { "fail-blsG1Add", 0x0B, Fork.Prague },
        { "fail-blsG1Mul", 0x0C, Fork.Prague },
        { "fail-blsG1MultiExp", 0x0C, Fork.Prague },
        { "fail-blsG2Add", 0x0D, Fork.Prague },
        { "fail-blsG2Mul", 0x0E, Fork.Prague },
        { "fail-blsG2MultiExp", 0x0E, Fork.Prague },
        { "fail-blsPairing", 0x0F, Fork.Prague },
        { "fail-blsMapG1", 0x10, Fork.Prague },
        { "fail-blsMapG2", 0x11, Fork.Prague },
        { "p256Verify", 0x100, Fork.Osaka },
    };

    [DataTheory(Archive)]
    [MemberData(nameof(Files))]
    public void Execute_Vector_GivesOutputAndGas(string file, int address, Fork fork)
    {
        Assert.True(EvmSpec.For(fork).Precompiles.TryGet(Address.FromUInt256(address), out var precompile));
        var (_, content) = Assert.Single(TestData.ReadArchive(Archive, $"/{file}.json"));
        using var document = JsonDocument.Parse(content);
        var output = new PrecompileOutput();
        foreach (var vector in document.RootElement.EnumerateArray())
        {
            var name = vector.GetProperty("Name").GetString();
            var input = Convert.FromHexString(vector.GetProperty("Input").GetString()!);
            if (!ConformanceScope.RunsAll && precompile.Price(input) > GasMax)
            {
                continue;
            }

            var left = precompile.Execute(input, long.MaxValue / 2, output);
            if (vector.TryGetProperty("ExpectedError", out _))
            {
                Assert.True(left < 0, $"{name} is refused");
                continue;
            }

            Assert.True(left >= 0, $"{name} is accepted");
            Assert.Equal(
                (name, vector.GetProperty("Expected").GetString()),
                (name, Convert.ToHexStringLower(output.Bytes)));
            if (vector.GetProperty("Gas").GetInt64() is > 0 and var gas)
            {
                Assert.Equal((name, gas), (name, (long.MaxValue / 2) - left));
                Assert.True(precompile.Execute(input, gas - 1, output) < 0, $"{name} needs its gas");
            }
        }
    }
}
