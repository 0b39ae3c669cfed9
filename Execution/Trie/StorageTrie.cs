namespace Fragcast.Execution.Trie;

/// <summary>
/// The storage trie of one account. When the account's storage is wiped (SELFDESTRUCT before EIP-6780), an empty trie
/// takes its place; the old one is kept, as the wiping transaction may still be reverted with its frag.
/// </summary>
internal sealed class StorageTrie(MerkleTrie trie)
{
    private MerkleTrie? _beforeWipe;
    private bool _isGone = trie.RootHash() == MerkleTrie.EmptyRoot;

    /// <summary>Changes that were noted and not applied; null when there are none.</summary>
    public TrieBatch? Batch { get; set; }

    /// <summary>The trie as of the last update.</summary>
    public MerkleTrie Current { get; private set; } = trie;

    /// <summary>
    /// Where the state reads slots that it does not hold. It holds all slots of a wiped account, so that it asks for
    /// one only when the wipe is being reverted, which the trie has not followed yet.
    /// </summary>
    public MerkleTrie Original => _beforeWipe ?? Current;

    /// <summary>
    /// Follows the account: <paramref name="isGone"/> tells that nothing of the original storage is valid. Changes that
    /// were noted for the trie before it went or came back are dropped.
    /// </summary>
    /// <returns>Whether the storage was wiped.</returns>
    public bool Follow(bool isGone)
    {
        if (isGone == _isGone) return false;
        _isGone = isGone;
        Batch?.Clear();
        if (isGone)
        {
            _beforeWipe = Current;
            Current = new MerkleTrie();
            return true;
        }

        Current = _beforeWipe ?? Current;
        _beforeWipe = null;
        return false;
    }

    /// <summary>The account will be loaded anew: its original storage is what the trie holds now.</summary>
    public void FollowReset() => _isGone = Current.RootHash() == MerkleTrie.EmptyRoot;

    /// <summary>The wipe is final.</summary>
    public void ForgetWiped() => _beforeWipe = null;
}
