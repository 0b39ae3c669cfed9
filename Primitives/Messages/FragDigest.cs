namespace Fragcast.Primitives.Messages;

/// <summary>
/// The digest of a frag from its head and the root of its transactions: enough to check its signature, without the
/// transactions themselves.
/// </summary>
public static class FragDigest
{
    /// <summary>The hash-tree-root of a frag's list of transactions.</summary>
    public static Hash256 TransactionsRoot(in FragV0 frag) => FragRoot.TransactionsRoot(frag);

    /// <summary>The digest that the leader signs; the same as the frag's own.</summary>
    /// <param name="header">All fields but the transactions.</param>
    /// <param name="transactionsRoot">From <see cref="TransactionsRoot"/>.</param>
    /// <param name="revision">The layout the network uses.</param>
    /// <param name="attempt">How often the block was cancelled before.</param>
    public static Hash256 SigningDigest(
        in FragHeader header, in Hash256 transactionsRoot, MessageRevision revision, byte attempt = 0) =>
        MessageSignature.Digest(MessageKind.Frag, FragRoot.Combine(header, transactionsRoot, revision), attempt);
}
