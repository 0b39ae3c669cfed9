using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Tests.Evm;

public sealed class AllocationTests
{
#if DEBUG
    private const string Skip = "Unoptimised vector code allocates; the promise is for optimised code.";
#else
    private const string? Skip = null;
#endif

    // Storage, memory, logs, a hash, calls into a contract and precompiles, a revert within: all from pools.
    [Fact(Skip = Skip)]
    public void Execute_InSteadyState_AllocatesNothing()
    {
        var fixture = new EvmFixture();
        fixture.Source.SetAccount(EvmFixture.Other, 0, 1, new Code()
            .Args(0, 1).Op(Opcode.SStore).Args(0, 32, 5).Raw(0xA1).Args(0, 32).Op(Opcode.Revert));
        var code = new Code()
            .Args(1, 2).Op(Opcode.SStore).Args(1, 2).Op(Opcode.TStore).Args(4096, 7).Op(Opcode.MStore)
            .Call(EvmFixture.Other).Op(Opcode.Pop)
            .Args(50_000, 2, 0, 0, 64, 0, 32).Op(Opcode.Call, Opcode.Pop)
            .Args(50_000, 4, 0, 0, 64, 0, 64).Op(Opcode.Call, Opcode.Pop)
            .Args(0, 128).Op(Opcode.Keccak256).ReturnTop();
        fixture.Source.SetAccount(EvmFixture.Contract, 0, 1, code);
        for (var i = 0; i < 10; i++)
        {
            Transact(fixture);
        }

        AllocationGate gate = new();
        while (gate.NextRun())
        {
            for (var i = 0; i < 20; i++)
            {
                Transact(fixture);
            }
        }

        Assert.Equal(0, gate.LeastBytes);
    }

    // A contract that calls itself, three times deep, and in each writes at 2 MiB; then a creation of 40 KiB.
    [Fact(Skip = Skip)]
    public void Execute_LargeMemoriesInSteadyState_AllocatesNothing()
    {
        var fixture = new EvmFixture();
        var code = new Code()
            .Args(2 << 20, 1).Op(Opcode.MStore)
            .Push(0).Op(Opcode.CallDataLoad).Push(1).Op(Opcode.Add, Opcode.Dup1).Push(0).Op(Opcode.MStore)
            .Push(3).Op(Opcode.Eq).Push(55).Op(Opcode.JumpI)
            .Args(0, 0, 32, 0, 0).Op(Opcode.Address, Opcode.Gas, Opcode.Call, Opcode.Stop);
        while (code.Bytes.Length < 55) code.Op(Opcode.Stop);
        fixture.Source.SetAccount(EvmFixture.Contract, 0, 1, code
            .Op(Opcode.JumpDest).Args(0, 0, 40 << 10).Op(Opcode.Create, Opcode.Stop));
        for (var i = 0; i < 10; i++)
        {
            Transact(fixture, 100_000_000);
        }

        AllocationGate gate = new();
        while (gate.NextRun())
        {
            Transact(fixture, 100_000_000);
        }

        Assert.Equal(0, gate.LeastBytes);
    }

    private static void Transact(EvmFixture fixture, long gas = 1_000_000)
    {
        var watermark = fixture.State.FragWatermark();
        var isSuccess = fixture.Call(EvmFixture.Contract, gas).IsSuccess;
        fixture.State.EndTransaction();
        fixture.State.RevertToFrag(watermark);
        if (!isSuccess)
        {
            Assert.Fail("the contract succeeds");
        }
    }
}
