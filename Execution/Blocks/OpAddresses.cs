using Fragcast.Primitives;

namespace Fragcast.Execution.Blocks;

/// <summary>The OP-stack's predeploys that the block rules know of.</summary>
internal static class OpAddresses
{
    /// <summary>L2ToL1MessagePasser; from Isthmus on its storage root is the header's withdrawals root.</summary>
    public static readonly Address MessagePasser = Address.Parse("0x4200000000000000000000000000000000000016");

    /// <summary>Gets the base fees.</summary>
    public static readonly Address BaseFeeVault = Address.Parse("0x4200000000000000000000000000000000000019");

    /// <summary>Gets the L1 fees.</summary>
    public static readonly Address L1FeeVault = Address.Parse("0x420000000000000000000000000000000000001a");

    /// <summary>Gets the operator fees (Isthmus).</summary>
    public static readonly Address OperatorFeeVault = Address.Parse("0x420000000000000000000000000000000000001b");

    /// <summary>L1Block: what the chain knows of L1.</summary>
    public static readonly Address L1Block = Address.Parse("0x4200000000000000000000000000000000000015");
}
