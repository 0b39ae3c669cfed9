using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.State;

/// <summary>The whole state after a block, from which execution can start. The parts are the holder's.</summary>
/// <param name="Header">Header of the block.</param>
/// <param name="State">All accounts, slots and codes.</param>
/// <param name="Trie">The same as a resident trie, whose root is that of the header.</param>
public sealed record StateSnapshot(BlockHeader Header, MemoryStateSource State, StateTrie Trie)
{
    /// <summary>
    /// Reads a file that <see cref="Write"/> wrote, as a stream, and checks it against its state root.
    /// </summary>
    /// <exception cref="SnapshotException">It can't be read, or is damaged.</exception>
    public static StateSnapshot Read(string path) => SnapshotReader.Read(path);

    /// <summary>
    /// Writes the state to a file, as a stream. The file has its name only when it is whole: one of that name is
    /// replaced then.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="header">Header of the block after which this is the state.</param>
    /// <param name="state">All of the state; its root has to be the header's.</param>
    /// <exception cref="SnapshotException">It can't be written.</exception>
    public static void Write(string path, BlockHeader header, MemoryStateSource state) =>
        SnapshotWriter.Write(path, header, state);

    /// <summary>Makes the trie of a flat state.</summary>
    public static StateTrie BuildTrie(MemoryStateSource flat)
    {
        // Residents and journal of the state that fills the trie are dropped after so many entries.
        const int batch = 1 << 16;
        var trie = new StateTrie();
        var state = new JournaledState(trie);
        foreach (Address[] addresses in flat.Accounts.Chunk(batch))
        {
            state.BeginTransaction();
            foreach (Address address in addresses) CopyAccount(flat, address, state);
            EndBatch(trie, state);
        }

        foreach (KeyValuePair<(Address Account, UInt256 Key), UInt256>[] slots in flat.Storage.Chunk(batch))
        {
            state.BeginTransaction();
            foreach (((Address address, UInt256 key), UInt256 value) in slots)
                state.SetSlot(state.Slot(state.Account(address), key), value);
            EndBatch(trie, state);
        }

        return trie;
    }

    private static void CopyAccount(MemoryStateSource flat, in Address address, JournaledState state)
    {
        flat.TryGetAccount(address, out AccountData data);
        int account = state.Account(address);
        state.SetBalance(account, data.Balance);
        if (data.Nonce > 0) state.SetNonce(account, data.Nonce);
        if (data.CodeHash != Keccak256.EmptyString) state.SetCode(account, flat.GetCode(data.CodeHash).Span);
    }

    private static void EndBatch(StateTrie trie, JournaledState state)
    {
        state.EndTransaction(deleteEmpty: false);
        trie.Update(state);
        state.CommitBlock();
        trie.CommitBlock();
        state.Reset();
        trie.FollowReset();
    }
}
