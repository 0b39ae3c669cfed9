using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Primitives;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Messages;

namespace Fragcast.Schedule.Rotation;

/// <summary>
/// What a leader signs when it passes the lead on, and what the next one signs when it takes it. Who signed tells which
/// of the two it is: signed by <see cref="NextLeader"/> itself it is a take.
/// </summary>
/// <param name="Number">The block in progress, or the next one when none is.</param>
/// <param name="ParentHash">Hash of the block before it.</param>
/// <param name="LastSeq">
/// Frags of that block that stand: the seq at which the next leader goes on; 0 when none is in progress.
/// </param>
/// <param name="LastFragRoot">
/// Leaving: hash_tree_root of the last of these frags. Taking: <see cref="PrefixChain.Taken"/> of all of them. Zero
/// when there are none.
/// </param>
/// <param name="NextLeader">Who goes on.</param>
/// <param name="PendingCount">Transactions that the leaving one had and did not include; informative.</param>
public readonly record struct HandOver(
    ulong Number, Hash256 ParentHash, ulong LastSeq, Hash256 LastFragRoot, Address NextLeader, uint PendingCount);


/// <summary>Says that frags which were published are void.</summary>
/// <param name="BlockNumber">Their block.</param>
/// <param name="ParentHash">Hash of the block before it.</param>
/// <param name="FromSeq">The first void frag; 0 for the whole block.</param>
/// <param name="Reason">
/// Why. LeaderWithdrawn: their signer gives the block up, and the next in line may take it at once. LeaderPassedOver:
/// signed by who took the block, about the one before. Any other: their signer goes on with the block's next attempt.
/// </param>
public readonly record struct Cancel(ulong BlockNumber, Hash256 ParentHash, ulong FromSeq, CancelReason Reason);

/// <summary>
/// The chain of hashes over a block's frags with which a taker shows that it has what it goes on from.
/// </summary>
public static class PrefixChain
{
    /// <summary>
    /// Before the first frag: SHA-256("fragcast-prefix-v1" ‖ number u64, little endian ‖ parent hash).
    /// </summary>
    public static Hash256 Start(ulong number, in Hash256 parentHash)
    {
        Span<byte> text = stackalloc byte[18 + sizeof(ulong) + Hash256.Size];
        "fragcast-prefix-v1"u8.CopyTo(text);
        BinaryPrimitives.WriteUInt64LittleEndian(text[18..], number);
        parentHash.CopyTo(text[(18 + sizeof(ulong))..]);
        return Digest(text);
    }

    /// <summary>After another frag: SHA-256(before ‖ hash_tree_root of the frag).</summary>
    public static Hash256 Next(in Hash256 before, in Hash256 fragRoot)
    {
        Span<byte> digest = stackalloc byte[Hash256.Size];
        Sha256.HashPair(before.Bytes, fragRoot.Bytes, digest);
        return Hash256.FromBytes(digest);
    }

    /// <summary>
    /// What a taker signs: SHA-256(chain ‖ its address), which nobody can copy from another's message.
    /// </summary>
    public static Hash256 Taken(in Hash256 chain, in Address taker)
    {
        Span<byte> text = stackalloc byte[Hash256.Size + Address.Size];
        chain.CopyTo(text);
        taker.CopyTo(text[Hash256.Size..]);
        return Digest(text);
    }

    private static Hash256 Digest(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[Hash256.Size];
        SHA256.HashData(text, digest);
        return Hash256.FromBytes(digest);
    }
}
