using Fragcast.Primitives;

namespace Fragcast.Execution.State;

/// <summary>An account as the backing of the state stores it.</summary>
public struct AccountData
{
    /// <summary>The root of an empty Merkle-Patricia trie, keccak256(rlp("")): the account has no storage.</summary>
    public static readonly Hash256 EmptyStorageRoot =
        Hash256.Parse("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");

    /// <summary>Number of transactions sent, or of contracts created by a contract (EIP-161: starts at 1).</summary>
    public ulong Nonce;

    /// <summary>Balance in wei.</summary>
    public UInt256 Balance;

    /// <summary>Keccak-256 of the code; <see cref="Keccak256.EmptyString"/> for an account without code.</summary>
    public Hash256 CodeHash;

    /// <summary>
    /// Root of the storage trie. A backing that keeps no tries may give any other value than
    /// <see cref="EmptyStorageRoot"/> for an account that has storage.
    /// </summary>
    public Hash256 StorageRoot;
}

/// <summary>
/// The backing of a <see cref="JournaledState"/>: asked once for each account, slot and code that is not resident.
/// Called on the executing thread only. An implementation over a partial state throws
/// <see cref="StateUnavailableException"/> where it can't tell.
/// </summary>
public interface IStateSource
{
    /// <summary>Reads an account; false when it does not exist.</summary>
    bool TryGetAccount(in Address address, out AccountData account);

    /// <summary>Reads a storage slot; zero when it is not set.</summary>
    UInt256 GetStorage(in Address address, in UInt256 key);

    /// <summary>Reads a contract's code by hash. Never asked for the hash of the empty code.</summary>
    ReadOnlyMemory<byte> GetCode(in Hash256 codeHash);
}
