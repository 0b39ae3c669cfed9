using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Evm;

/// <summary>
/// Runs a small program through the tiers, so that the runtime has compiled their loops, the decoder and the bodies of
/// common instructions before the first block comes. For a thread beside the one that reads that block.
/// </summary>
public static class TierWarmUp
{
    // Enough for the runtime to count the methods that a round calls as hot.
    private const int Rounds = 200;

    private static readonly Address Sender = Address.FromUInt256(1 << 20);
    private static readonly Address Contract = Address.FromUInt256(2 << 20);

    /// <summary>Runs the program; takes a few tens of milliseconds in a fresh process.</summary>
    /// <returns>Whether the tiers came to the same end, as they do.</returns>
    public static bool Run() => GasOf(ExecutionTier.Interpreter) == GasOf(ExecutionTier.Decoded);

    // Memory, a hash, storage, arithmetic, a compare and a jump, a log, and a call to itself with a word less.
    private static byte[] Program() =>
    [
        0x5F, 0x35, 0x80, 0x15, 0x60, 0x6D, 0x57, // CALLDATALOAD(0), DUP1, ISZERO, PUSH1 end, JUMPI
        0x5F, 0x52, 0x60, 0x20, 0x5F, 0x20, 0x80, 0x54, // MSTORE(0), KECCAK256(0, 32), DUP1, SLOAD
        0x60, 0x01, 0x01, 0x80, 0x60, 0x03, 0x02, 0x60, 0x07, 0x90, 0x04, // + 1, DUP1, * 3, PUSH1 7, SWAP1, DIV
        0x60, 0x02, 0x1B, 0x60, 0x01, 0x1C, 0x50, 0x90, 0x55, // SHL, SHR, POP, SWAP1, SSTORE
        0x60, 0x40, 0x5F, 0x20, 0x60, 0x20, 0x52, // KECCAK256(0, 64), MSTORE(32)
        0x60, 0x01, 0x60, 0x20, 0x5F, 0xA1, // LOG1(0, 32, 1)
        0x60, 0x01, 0x5F, 0x51, 0x03, 0x5F, 0x52, // MSTORE(0, MLOAD(0) - 1)
        0x5F, 0x5F, 0x60, 0x20, 0x5F, 0x5F, 0x30, 0x5A, 0xF1, // CALL(GAS, ADDRESS, 0, 0, 32, 0, 0)
        0x60, 0x01, 0x16, 0x60, 0x50, 0x57, 0x5F, 0x5F, 0xFD, // AND 1, PUSH1 ok, JUMPI, REVERT(0, 0)
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5B, // ok: JUMPDEST
        0x5F, 0x5B, 0x60, 0x01, 0x01, 0x80, 0x60, 0x40, 0x11, 0x60, 0x52, 0x57, // 0, loop: + 1, until 64
        0x60, 0x20, 0x5F, 0xF3, // RETURN(0, 32)
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x5B, 0x00, // end: JUMPDEST, STOP
    ];

    private static long GasOf(ExecutionTier tier)
    {
        var source = new MemoryStateSource();
        source.SetAccount(Sender, 1, 0);
        source.SetAccount(Contract, 0, 1, Program());
        var state = new JournaledState(source);
        var machine = new EvmMachine(state) { Tier = tier };
        var block = new BlockContext { Spec = EvmSpec.For(Fork.Prague) };
        Span<byte> input = stackalloc byte[32];
        input.Clear();
        input[31] = 4;
        var gas = 0L;
        for (var i = 0; i < Rounds; i++)
        {
            state.BeginTransaction();
            var message = new Message
            {
                Kind = CallKind.Call, Caller = Sender, Recipient = Contract, Input = input, Gas = 1_000_000,
            };
            gas += machine.Execute(message, block, default).GasLeft;
            state.EndTransaction();
        }

        return gas;
    }
}
