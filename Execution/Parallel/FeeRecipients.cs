using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Execution.Parallel;

/// <summary>
/// The accounts that get fees of every transaction of a block: its beneficiary, and the vaults of an OP-stack chain.
/// </summary>
internal sealed class FeeRecipients
{
    private readonly List<Address> _addresses = [];
    private BlockContext? _block;

    /// <summary>Their addresses, each once.</summary>
    public ReadOnlySpan<Address> Addresses => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_addresses);

    public void Begin(BlockContext block)
    {
        if (ReferenceEquals(block, _block)) return;
        _block = block;
        _addresses.Clear();
        Add(block.Coinbase);
        if (block.Spec.OpFork == OpFork.None) return;
        Add(OpAddresses.BaseFeeVault);
        Add(OpAddresses.L1FeeVault);
        if (block.Spec.OpFork >= OpFork.Isthmus) Add(OpAddresses.OperatorFeeVault);
    }

    /// <summary>Makes them resident; false when one exists and is empty.</summary>
    public bool TryPrepare(JournaledState state)
    {
        foreach (Address address in _addresses)
        {
            int account = state.Account(address);
            if (state.Exists(account) && state.IsEmpty(account)) return false;
        }

        return true;
    }

    /// <summary>What a recipient gets of a transaction, in wei.</summary>
    public UInt256 FeeOf(in Address address, in TxResult result)
    {
        UInt256 fee = address == _block!.Coinbase ? result.PriorityFee : UInt256.Zero;
        if (_block.Spec.OpFork == OpFork.None) return fee;
        if (address == OpAddresses.BaseFeeVault) fee += _block.BaseFee * result.GasUsed;
        if (address == OpAddresses.L1FeeVault) fee += result.L1Fee;
        if (_block.Spec.OpFork >= OpFork.Isthmus && address == OpAddresses.OperatorFeeVault) fee += result.OperatorFee;
        return fee;
    }

    private void Add(in Address address)
    {
        if (!_addresses.Contains(address)) _addresses.Add(address);
    }
}
