using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Fragcast.Primitives;

namespace Fragcast.Execution.Trie;

/// <summary>
/// How a node stands in the encoding of its parent, byte for byte: <c>0xa0</c> and its hash, or, when it has fewer
/// than 32 bytes, its RLP itself. Parents keep the references of their children, so that encoding a branch copies one
/// contiguous block and does not visit the children that did not change.
/// </summary>
[InlineArray(Size)]
internal struct NodeReference
{
    /// <summary>Bytes of the longest reference, a hash with its length prefix.</summary>
    public const int Size = 33;

    /// <summary>First byte of a reference by hash.</summary>
    public const byte HashPrefix = 0xa0;

    private byte _first;

    /// <summary>Whether the node is referred to by its hash.</summary>
    public readonly bool IsHash => _first == HashPrefix;

    /// <summary>Bytes of this reference: of the hash with its prefix, or of the short list that the node is.</summary>
    public readonly int Length => _first == HashPrefix ? Size : _first - 0xc0 + 1;

    /// <summary>The reference as it is encoded.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)this)[..Length];

    /// <summary>The hash; only of a reference by hash.</summary>
    public readonly Hash256 Hash
    {
        get
        {
            Debug.Assert(IsHash, "Only a reference by hash has one.");
            return Hash256.FromBytes(((ReadOnlySpan<byte>)this)[1..]);
        }
    }

    /// <summary>A reference by hash.</summary>
    public static NodeReference FromHash(in Hash256 hash)
    {
        NodeReference reference = default;
        reference.Set(hash);
        return reference;
    }

    /// <summary>Sets this to a reference by hash.</summary>
    public void Set(in Hash256 hash)
    {
        _first = HashPrefix;
        hash.CopyTo(((Span<byte>)this)[1..]);
    }

    /// <summary>Sets this to the reference of a node with the given encoding.</summary>
    public void Set(ReadOnlySpan<byte> nodeRlp)
    {
        if (nodeRlp.Length < 32)
        {
            nodeRlp.CopyTo(this);
            return;
        }

        _first = HashPrefix;
        Keccak256.Hash(nodeRlp, ((Span<byte>)this)[1..]);
    }
}
