using Fragcast.Execution.State;
using Fragcast.Primitives;

namespace Fragcast.Perf.Evm;

/// <summary>Lets one state, and the machine on it, serve all programs.</summary>
internal sealed class SwitchableSource : IStateSource
{
    /// <summary>What is read from.</summary>
    public IStateSource Current { get; set; } = new MemoryStateSource();

    public bool TryGetAccount(in Address address, out AccountData account) =>
        Current.TryGetAccount(address, out account);

    public UInt256 GetStorage(in Address address, in UInt256 key) => Current.GetStorage(address, key);

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => Current.GetCode(codeHash);
}
