using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;

namespace Fragcast.Execution.Fixtures;

/// <summary>A source that changes, so that one state, and the machine on it, serve all cases of a suite.</summary>
internal sealed class SwitchedSource : IStateSource
{
    /// <summary>Where accounts are read from now.</summary>
    public StateTrie Current { get; private set; } = new();

    /// <summary>Makes <paramref name="state"/>, which reads from this source, that of a case's accounts.</summary>
    /// <returns>The trie that the state reads from now and that has the accounts.</returns>
    public StateTrie Start(JournaledState state, JsonField accounts)
    {
        Current = new StateTrie();
        state.Reset();
        PreState.Load(accounts, state);
        Current.Update(state);
        state.CommitBlock();
        Current.CommitBlock();
        return Current;
    }

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out AccountData account) =>
        Current.TryGetAccount(address, out account);

    /// <inheritdoc/>
    public UInt256 GetStorage(in Address address, in UInt256 key) => Current.GetStorage(address, key);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => Current.GetCode(codeHash);
}
