using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// Calls that the block itself makes to system contracts, before its transactions and after them. They cost nothing
/// and count towards no limit.
/// </summary>
internal sealed class SystemCalls(EvmMachine machine)
{
    private const long Gas = 30_000_000;

    private static readonly Address Caller = Address.Parse("0xfffffffffffffffffffffffffffffffffffffffe");
    private static readonly Address BeaconRoots = Address.Parse("0x000f3df6d732807ef1319fb7b8bb8522d0beac02");
    private static readonly Address HistoryStorage = Address.Parse("0x0000f90827f1c53a10cb7a02335b175320002935");

    /// <summary>
    /// Stores the beacon root (EIP-4788) and the parent's hash (EIP-2935), each where its rule holds.
    /// </summary>
    public void BeforeTransactions(BlockContext block, in Hash256 parentHash, in Hash256? parentBeaconBlockRoot)
    {
        if (block.Spec.Fork >= Fork.Cancun && parentBeaconBlockRoot is { } root)
            TryCall(block, BeaconRoots, root.Bytes, out _);
        if (block.Spec.Fork >= Fork.Prague) TryCall(block, HistoryStorage, parentHash.Bytes, out _);
    }

    /// <summary>Calls a contract; one without code is passed over.</summary>
    /// <param name="block">The block.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="input">Call data.</param>
    /// <param name="output">What it returned; valid until the next execution.</param>
    /// <returns>Whether there is code, and it succeeded.</returns>
    public bool TryCall(
        BlockContext block, in Address contract, ReadOnlySpan<byte> input, out ReadOnlyMemory<byte> output)
    {
        output = default;
        JournaledState state = machine.State;
        if (!state.HasCode(state.Account(contract))) return false;
        state.BeginTransaction();
        bool isDone = false;
        try
        {
            var message = new Message
            {
                Kind = CallKind.Call, Caller = Caller, Recipient = contract, Input = input, Gas = Gas,
            };
            ExecutionResult result = machine.Execute(message, block, new TxContext { Origin = Caller });
            state.EndTransaction();
            isDone = true;
            output = result.Output;
            return result.IsSuccess;
        }
        finally
        {
            if (!isDone) state.AbortTransaction();
        }
    }
}
