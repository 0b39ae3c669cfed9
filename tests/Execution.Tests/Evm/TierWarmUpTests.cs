using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Tests.Evm;

public sealed class TierWarmUpTests
{
    [Fact]
    public void Run_BothTiers_SameGas() => Assert.True(TierWarmUp.Run());
}
