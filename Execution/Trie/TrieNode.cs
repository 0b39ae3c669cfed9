using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Trie;

/// <summary>
/// A resident node. Nodes are changed in place and belong to one trie; a child that was never visited is known to its
/// parent only by reference.
/// </summary>
internal abstract class TrieNode
{
}

/// <summary>A key's end: its whole path from the root, and its value (never empty).</summary>
internal sealed class LeafNode(in Nibbles path, byte[] value) : TrieNode
{
    public readonly Nibbles Path = path;
    public byte[] Value = value;

    /// <summary>Replaces the value, in place when it has the same length.</summary>
    public bool Replace(ReadOnlySpan<byte> value)
    {
        if (value.SequenceEqual(Value)) return false;
        if (value.Length == Value.Length) value.CopyTo(Value);
        else Value = value.ToArray();
        return true;
    }
}

/// <summary>
/// A stretch of path that all keys below share: the whole path from the root to where the child, always a branch,
/// stands.
/// </summary>
internal sealed class ExtensionNode(in Nibbles path) : TrieNode
{
    public readonly Nibbles Path = path;
    public TrieNode? Child;
    public NodeReference Reference;

    /// <summary>The child is resident and its reference is out of date.</summary>
    public bool IsDirty;
}

/// <summary>
/// Up to sixteen children by their next nibble, and the value of the key that ends here, if there is one.
/// </summary>
internal sealed class BranchNode : TrieNode
{
    public ChildArray Children;
    public ReferenceArray References;

    /// <summary>One bit per nibble: there is a child.</summary>
    public ushort Present;

    /// <summary>One bit per nibble: the child is resident and its reference is out of date.</summary>
    public ushort Dirty;

    /// <summary>
    /// One bit per nibble: the child hung below an extension before, and so is a branch, even when it is not resident.
    /// </summary>
    public ushort KnownBranches;

    public byte[]? Value;

    [InlineArray(16)]
    internal struct ChildArray
    {
        private TrieNode? _first;
    }

    [InlineArray(16)]
    internal struct ReferenceArray
    {
        private NodeReference _first;
    }

    /// <summary>Puts a child whose reference is still to be computed.</summary>
    public void PutDirty(int nibble, TrieNode child)
    {
        Children[nibble] = child;
        Present |= (ushort)(1 << nibble);
        Dirty |= (ushort)(1 << nibble);
    }

    /// <summary>Puts a child, resident or not, with the reference it has.</summary>
    public void Put(int nibble, TrieNode? child, in NodeReference reference)
    {
        Children[nibble] = child;
        References[nibble] = reference;
        Present |= (ushort)(1 << nibble);
    }
}
