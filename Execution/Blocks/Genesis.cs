using System.Text.Json;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Fixtures;
using Fragcast.Execution.State;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Blocks;

/// <summary>What a chain starts from.</summary>
/// <param name="Chain">The chain: its id, schedule and constants.</param>
/// <param name="Start">Header of the first block, and its state.</param>
public sealed record Genesis(ChainSpec Chain, StateSnapshot Start)
{
    private const ulong GasLimitDefault = 4_712_388;
    private const ulong DifficultyDefault = 131_072;
    private const ulong BaseFeeDefault = 1_000_000_000;

    /// <summary>
    /// Reads a genesis file in the form of geth and op-geth: "config", "alloc" and fields of the header; JSON, or gzip
    /// of it. What the file leaves out has the values that geth gives it, so that the hash is that of the chain.
    /// </summary>
    /// <exception cref="FixtureException">The file can't be read, or is damaged.</exception>
    public static Genesis Read(string path)
    {
        using JsonDocument document = FixtureFile.Open(path);
        return Read(new JsonField(path, document.RootElement));
    }

    internal static Genesis Read(JsonField top)
    {
        ChainSpec chain = GenesisConfig.ReadChain(top["config"]);
        MemoryStateSource state = ReadAlloc(top["alloc"]);
        StateTrie trie = StateSnapshot.BuildTrie(state);
        return new Genesis(chain, new StateSnapshot(ReadHeader(top, chain, trie), state, trie));
    }

    private static MemoryStateSource ReadAlloc(JsonField alloc)
    {
        var state = new MemoryStateSource();
        foreach ((string name, JsonField account) in alloc.Fields())
        {
            if (!Address.TryParse(name, out Address address))
                throw account.Wrong("stands under a key that is no address");
            ulong nonce = (ulong)Number(account, "nonce");
            state.SetAccount(address, Number(account, "balance"), nonce, account.Optional("code")?.AsBytes());
            if (account.Optional("storage") is not { } storage) continue;
            foreach ((string key, JsonField value) in storage.Fields())
            {
                // Keys and values are hashes, for which geth takes fewer digits and no prefix as well.
                if (!UInt256.TryParse(WithPrefix(key), out UInt256 slot))
                    throw value.Wrong("stands under a key that is no number");
                if (!UInt256.TryParse(WithPrefix(value.AsText()), out UInt256 word))
                    throw value.Wrong("is not a number");
                state.SetStorage(address, slot, word);
            }
        }

        return state;
    }

    private static BlockHeader ReadHeader(JsonField top, ChainSpec chain, StateTrie trie)
    {
        ulong number = (ulong)Number(top, "number");
        ulong time = (ulong)Number(top, "timestamp");
        Fork fork = chain.RulesAt(number, time).Fork;
        bool hasBlobs = fork >= Fork.Cancun;
        UInt256 gasLimit = Number(top, "gasLimit");
        return new BlockHeader
        {
            ParentHash = top.Optional("parentHash")?.AsHash() ?? default,
            Beneficiary = top.Optional("coinbase")?.AsAddress() ?? default,
            StateRoot = trie.Root,
            Difficulty = ReadDifficulty(top),
            Number = number,
            GasLimit = gasLimit.IsZero ? GasLimitDefault : (ulong)gasLimit,
            GasUsed = (ulong)Number(top, "gasUsed"),
            Timestamp = time,
            ExtraData = top.Optional("extraData")?.AsBytes(),
            MixHash = (top.Optional("mixHash") ?? top.Optional("mixhash"))?.AsHash() ?? default,
            Nonce = (ulong)Number(top, "nonce"),
            BaseFeePerGas = fork < Fork.London ? null
                : top.Optional("baseFeePerGas") is null ? BaseFeeDefault : Number(top, "baseFeePerGas"),
            WithdrawalsRoot = fork >= Fork.Shanghai ? WithdrawalsRoot(chain, number, time, trie) : null,
            BlobGasUsed = hasBlobs ? (ulong)Number(top, "blobGasUsed") : null,
            ExcessBlobGas = hasBlobs ? (ulong)Number(top, "excessBlobGas") : null,
            ParentBeaconBlockRoot = hasBlobs ? Hash256.Zero : null,
            RequestsHash = fork >= Fork.Prague ? Requests.HashOfNone : null,
        };
    }

    private static UInt256 ReadDifficulty(JsonField top)
    {
        if (top.Optional("difficulty") is not null) return Number(top, "difficulty");
        return top["config"].Optional("ethash") is null ? UInt256.Zero : DifficultyDefault;
    }

    /// <summary>Of no withdrawals; on OP-stack chains from Isthmus on, the message passer's storage root.</summary>
    private static Hash256 WithdrawalsRoot(ChainSpec chain, ulong number, ulong time, StateTrie trie) =>
        chain.RulesAt(number, time).OpFork >= OpFork.Isthmus
        && trie.TryGetAccount(OpAddresses.MessagePasser, out AccountData passer)
            ? passer.StorageRoot
            : BlockHeader.EmptyTrieRoot;

    /// <summary>A number of the file; nothing, and no digits, are zero.</summary>
    private static UInt256 Number(JsonField parent, string name)
    {
        if (parent.Optional(name) is not { } field) return UInt256.Zero;
        if (field.IsText && field.AsText() is "" or "0x") return UInt256.Zero;
        bool isWide = name is "balance" or "difficulty" or "baseFeePerGas";
        return isWide ? field.AsUInt256() : field.AsUInt64();
    }

    private static string WithPrefix(string digits) =>
        digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? digits : "0x" + digits;
}
