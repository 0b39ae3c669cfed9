using System.Runtime.ExceptionServices;
using Fragcast.Execution.State;

namespace Fragcast.Execution.Trie;

/// <summary>A batch of changes to a trie with a branch at its root, in parts that threads do in parallel.</summary>
/// <param name="store">Where nodes come from that are not resident; read by several threads.</param>
/// <param name="root">The root.</param>
/// <param name="batch">The changes.</param>
/// <param name="hashers">For the parts.</param>
internal sealed class SplitUpdate(IPreimageStore store, BranchNode root, TrieBatch batch, TrieHasherPool hashers)
{
    private readonly Part[] _parts = new Part[16];
    private int _count;

    private struct Part
    {
        public int Nibble;
        public int Start;
        public int Count;
        public TrieNode? Result;
        public bool IsChanged;
        public StateUnavailableException? Error;
    }

    /// <summary>Applies the changes, and hashes what changed except for the root and its children.</summary>
    /// <returns>What stands at the root now.</returns>
    /// <exception cref="StateUnavailableException">As for <see cref="MerkleTrie.Apply(TrieBatch)"/>.</exception>
    public TrieNode? Run(TrieCrew crew)
    {
        Split();
        int wasDirty = root.Dirty;
        crew.Run(_count, DoPart);
        StateUnavailableException? error = null;
        foreach (ref Part part in _parts.AsSpan(0, _count))
        {
            error ??= part.Error;
            if (part.Error is null)
                TrieUpdater.PutResult(root, part.Nibble, part.Result, part.IsChanged, wasDirty);
            else if (root.Children[part.Nibble] is not null)
                root.Dirty |= (ushort)(1 << part.Nibble);
        }

        if (error is not null) ExceptionDispatchInfo.Throw(error);
        return new TrieUpdater(store, batch.Values).Collapse(root, default);
    }

    private void Split()
    {
        ReadOnlySpan<TrieChange> changes = batch.Sorted();
        for (int start = 0, end; start < changes.Length; start = end)
        {
            int nibble = changes[start].Path[0];
            end = start + 1;
            while (end < changes.Length && changes[end].Path[0] == nibble) end++;
            _parts[_count++] = new Part { Nibble = nibble, Start = start, Count = end - start };
        }
    }

    private void DoPart(int index)
    {
        ref Part part = ref _parts[index];
        try
        {
            ReadOnlySpan<TrieChange> changes = batch.Sorted().Slice(part.Start, part.Count);
            TrieNode? child = root.Children[part.Nibble];
            if (child is null && (root.Present & (1 << part.Nibble)) != 0)
            {
                child = TrieReader.Resolve(store, root.References[part.Nibble], changes[0].Path.Prefix(1));
                root.Children[part.Nibble] = child;
            }

            part.Result = new TrieUpdater(store, batch.Values).Apply(child, changes, 1, out part.IsChanged);
            if (!part.IsChanged || part.Result is null) return;
            TrieHasher hasher = hashers.Rent();
            hasher.Refresh(part.Result, 1);
            hashers.Return(hasher);
        }
        catch (StateUnavailableException e)
        {
            part.Error = e;
        }
    }
}
