using Fragcast.Execution.Evm;
using Fragcast.Execution.Precompiles;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Precompiles;

/// <summary>Long input takes time, which is paid for, but no memory: points are taken a few at a time.</summary>
public sealed class PrecompileAllocationTests
{
    private const string G1 =
        "0000000000000000000000000000000017f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac58"
        + "6c55e83ff97a1aeffb3af00adb22c6bb0000000000000000000000000000000008b3f481e3aaa0f1a09e30ed741d8ae4"
        + "fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1";

    private const string G2 =
        "00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d177"
        + "0bac0326a805bbefd48056c8c121bdb80000000000000000000000000000000013e02b6052719f607dacd3a088274f65"
        + "596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e00000000000000000000000000000000"
        + "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801"
        + "000000000000000000000000000000000606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab"
        + "3f370d275cec1da1aaa9075ff05f79be";

    private const string Scalar = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    private const string BnG1 =
        "0000000000000000000000000000000000000000000000000000000000000001"
        + "0000000000000000000000000000000000000000000000000000000000000002";

    private const string BnG2 =
        "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
        + "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
        + "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
        + "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";

    [Theory]
    [InlineData(0x08, BnG1 + BnG2)]
    [InlineData(0x0C, G1 + Scalar)]
    [InlineData(0x0E, G2 + Scalar)]
    [InlineData(0x0F, G1 + G2)]
    public void Execute_OfManyPoints_AllocatesNothing(int address, string unit)
    {
        // More than what is taken at a time, with a rest.
        var once = Convert.FromHexString(unit);
        AssertNoAllocation(address, [.. Enumerable.Repeat(once, 71).SelectMany(static bytes => bytes)]);
    }

    [Fact]
    public void ModExp_OfTheLongestOperands_AllocatesNothing()
    {
        byte[] length = Hash256.FromUInt256(1024).Bytes.ToArray();
        var ones = Enumerable.Repeat((byte)0xFF, 1024);
        AssertNoAllocation(0x05, [.. length, .. length, .. length, .. ones, 3, .. new byte[1023], .. ones]);
    }

    private static void AssertNoAllocation(int address, byte[] input)
    {
        Assert.True(EvmSpec.For(Fork.Osaka).Precompiles.TryGet(Address.FromUInt256(address), out var precompile));
        var output = new PrecompileOutput();
        AllocationGate gate = new();
        var left = 0L;
        while (gate.NextRun())
        {
            left = precompile.Execute(input, long.MaxValue / 2, output);
        }

        Assert.True(left >= 0);
        Assert.Equal(0, gate.LeastBytes);
    }
}
