using System.Numerics;
using Fragcast.Execution.State;

namespace Fragcast.Execution.Trie;

/// <summary>
/// Applies sorted changes to a subtree in one walk: each node is visited once, whatever the number of changes below it,
/// and a branch collapses only when all changes below it are done, so that no sibling is asked for without need.
/// </summary>
/// <remarks>
/// A node that the store lacks ends the walk with <see cref="StateUnavailableException"/>. Marks are set on the way
/// down, so the trie then is still a tree of the values it holds, some changed and some not; writing the previous
/// values makes it what it was. Recursion is as deep as the trie: at most 64.
/// </remarks>
internal readonly ref struct TrieUpdater(IPreimageStore store, ReadOnlySpan<byte> values)
{
    private readonly IPreimageStore _store = store;
    private readonly ReadOnlySpan<byte> _values = values;

    /// <summary>Applies changes that all share the first <paramref name="depth"/> nibbles with the node.</summary>
    /// <param name="node">What stands there, or null for nothing.</param>
    /// <param name="changes">Sorted, each key once, not empty.</param>
    /// <param name="depth">Where the node stands.</param>
    /// <param name="changed">Whether the reference of what stands there now has to be computed anew.</param>
    /// <returns>What stands there now.</returns>
    public TrieNode? Apply(TrieNode? node, ReadOnlySpan<TrieChange> changes, int depth, out bool changed)
    {
        switch (node)
        {
            case null:
                return Build(changes, depth, out changed);
            case BranchNode branch:
                return ApplyToBranch(branch, changes, depth, out changed);
            case LeafNode leaf when changes.Length == 1 && Nibbles.Compare(leaf.Path, changes[0].Path) == 0:
                if (changes[0].IsRemoval)
                {
                    changed = true;
                    return null;
                }

                changed = leaf.Replace(changes[0].Value(_values));
                return leaf;
            case LeafNode leaf:
                return ApplyToPath(leaf, leaf.Path, changes, depth, out changed);
            default:
                var extension = (ExtensionNode)node;
                return ApplyToPath(extension, extension.Path, changes, depth, out changed);
        }
    }

    private TrieNode? Build(ReadOnlySpan<TrieChange> changes, int depth, out bool changed)
    {
        int first = 0;
        while (first < changes.Length && changes[first].IsRemoval) first++;
        changed = first < changes.Length;
        if (!changed) return null;
        ref readonly TrieChange change = ref changes[first];
        var leaf = new LeafNode(change.Path, change.Value(_values).ToArray());
        return first + 1 == changes.Length ? leaf : ApplyToPath(leaf, leaf.Path, changes[(first + 1)..], depth, out _);
    }

    /// <summary>
    /// A node with a path of its own, a leaf or an extension: it stays what it is when no key is added beside its path,
    /// and else hangs below a new branch where the first added key leaves the path.
    /// </summary>
    private TrieNode? ApplyToPath(
        TrieNode node, in Nibbles path, ReadOnlySpan<TrieChange> changes, int depth, out bool changed)
    {
        int split = SplitDepth(path, changes, depth);
        changes = SharingPrefix(changes, path, split, depth);
        changed = false;
        if (changes.IsEmpty) return node;
        if (split == path.Length && node is ExtensionNode extension) return ApplyBelow(extension, changes, out changed);
        if (split == path.Length && changes.Length == 1 && changes[0].Path.Length == split)
            return Apply(node, changes, depth, out changed);

        var branch = new BranchNode();
        if (node is LeafNode leaf && path.Length == split)
            branch.Value = leaf.Value;
        else if (node is ExtensionNode { Child: var child } shortened && path.Length == split + 1)
        {
            branch.Put(path[split], child, shortened.Reference);
            branch.KnownBranches = branch.Present;
            if (shortened.IsDirty) branch.Dirty = branch.Present;

            // Were the walk to end below the new branch, the extension would stay, over a child that has changed.
            shortened.IsDirty = child is not null;
        }
        else
            branch.PutDirty(path[split], node);

        TrieNode? result = ApplyToBranch(branch, changes, split, out changed);
        if (!changed) return node;
        return result is BranchNode && split > depth ? Extend(path.Prefix(split), branch) : result;
    }

    /// <summary>How far the added keys follow the path; its whole length when all that are added do.</summary>
    private static int SplitDepth(in Nibbles path, ReadOnlySpan<TrieChange> changes, int depth)
    {
        int split = path.Length;
        int first = 0;
        while (first < changes.Length && changes[first].IsRemoval) first++;
        if (first == changes.Length) return split;
        int last = changes.Length - 1;
        while (changes[last].IsRemoval) last--;
        split = Math.Min(split, Nibbles.CommonPrefix(path, changes[first].Path, depth));
        split = Math.Min(split, Nibbles.CommonPrefix(path, changes[last].Path, depth));
        return split;
    }

    /// <summary>The changes within a prefix of the path: what is left out removes keys that are not there.</summary>
    private static ReadOnlySpan<TrieChange> SharingPrefix(
        ReadOnlySpan<TrieChange> changes, scoped in Nibbles path, int length, int from)
    {
        Nibbles prefix = path.Prefix(length);
        int start = 0;
        while (start < changes.Length && !changes[start].Path.StartsWith(prefix, from)) start++;
        int end = changes.Length;
        while (end > start && !changes[end - 1].Path.StartsWith(prefix, from)) end--;
        return changes[start..end];
    }

    private TrieNode? ApplyBelow(ExtensionNode extension, ReadOnlySpan<TrieChange> changes, out bool changed)
    {
        int depth = extension.Path.Length;
        extension.Child ??= TrieReader.Resolve(_store, extension.Reference, extension.Path);
        bool wasDirty = extension.IsDirty;
        extension.IsDirty = true;
        TrieNode? child = Apply(extension.Child, changes, depth, out changed);
        extension.IsDirty = changed || wasDirty;
        if (child is not BranchNode) return child;
        extension.Child = child;
        return extension;
    }

    private TrieNode? ApplyToBranch(BranchNode branch, ReadOnlySpan<TrieChange> changes, int depth, out bool changed)
    {
        changed = false;
        Nibbles prefix = changes[0].Path.Prefix(depth);
        if (changes[0].Path.Length == depth)
        {
            changed = SetValue(branch, changes[0]);
            changes = changes[1..];
        }

        while (!changes.IsEmpty)
        {
            int nibble = changes[0].Path[depth];
            int count = 1;
            while (count < changes.Length && changes[count].Path[depth] == nibble) count++;
            changed |= ApplyToChild(branch, nibble, changes[..count], depth);
            changes = changes[count..];
        }

        return changed ? Collapse(branch, prefix) : branch;
    }

    private bool SetValue(BranchNode branch, in TrieChange change)
    {
        if (change.Value(_values).SequenceEqual(branch.Value)) return false;
        branch.Value = change.IsRemoval ? null : change.Value(_values).ToArray();
        return true;
    }

    private bool ApplyToChild(BranchNode branch, int nibble, ReadOnlySpan<TrieChange> changes, int depth)
    {
        var bit = (ushort)(1 << nibble);
        TrieNode? child = null;
        if ((branch.Present & bit) != 0)
        {
            child = branch.Children[nibble] ??=
                TrieReader.Resolve(_store, branch.References[nibble], changes[0].Path.Prefix(depth + 1));
        }

        int wasDirty = branch.Dirty;
        if (child is not null) branch.Dirty |= bit;
        TrieNode? result = Apply(child, changes, depth + 1, out bool changed);
        PutResult(branch, nibble, result, changed, wasDirty);
        return changed;
    }

    /// <summary>Puts what stands at a nibble after changes.</summary>
    /// <param name="branch">The branch; its mark at the nibble was set before the changes.</param>
    /// <param name="nibble">Where the changed child hangs.</param>
    /// <param name="result">What stands there now.</param>
    /// <param name="changed">Whether its reference has to be computed anew.</param>
    /// <param name="wasDirty">The branch's marks before.</param>
    public static void PutResult(BranchNode branch, int nibble, TrieNode? result, bool changed, int wasDirty)
    {
        var bit = (ushort)(1 << nibble);
        if (!changed)
        {
            branch.Dirty = (ushort)(branch.Dirty & ~bit | wasDirty & bit);
        }
        else if (result is not null)
        {
            branch.PutDirty(nibble, result);
        }
        else
        {
            branch.Children[nibble] = null;
            branch.Present &= (ushort)~bit;
            branch.Dirty &= (ushort)~bit;
        }
    }

    /// <summary>A branch is there to keep two things apart; with one left, that one takes its place.</summary>
    public TrieNode? Collapse(BranchNode branch, in Nibbles prefix)
    {
        if (branch.Present == 0) return branch.Value is null ? null : new LeafNode(prefix, branch.Value);
        if (branch.Value is not null || !BitOperations.IsPow2(branch.Present)) return branch;

        int nibble = BitOperations.TrailingZeroCount(branch.Present);
        Nibbles path = prefix;
        path.Append(nibble);
        TrieNode? child = branch.Children[nibble];
        if (child is null && (branch.KnownBranches & branch.Present) == 0)
            child = TrieReader.Resolve(_store, branch.References[nibble], path);
        if (child is LeafNode or ExtensionNode) return child;
        return new ExtensionNode(path)
        {
            Child = child,
            Reference = branch.References[nibble],
            IsDirty = branch.Dirty != 0,
        };
    }

    private static ExtensionNode Extend(in Nibbles path, BranchNode child) =>
        new(path) { Child = child, IsDirty = true };
}
