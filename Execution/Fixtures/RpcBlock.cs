using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// A block of a real OP-stack chain on Jovian rules in the form of RPC, with the values of the accounts and slots
/// that it touches. There are no proofs, so that roots of the state can't be checked; gas, receipts root and bloom can.
/// </summary>
public sealed class RpcBlock
{
    /// <summary>Where it was read from.</summary>
    public required string File { get; init; }

    /// <summary>The chain.</summary>
    public required ChainSpec Chain { get; init; }

    /// <summary>The block's header as it is on the real chain.</summary>
    public required BlockHeader Header { get; init; }

    /// <summary>The transactions in order.</summary>
    public required IReadOnlyList<Transaction> Transactions { get; init; }

    /// <summary>The accounts, slots and codes before the block.</summary>
    public required MemoryStateSource State { get; init; }

    /// <summary>What the block is, by its header.</summary>
    public BlockEnvironment Environment => new()
    {
        Number = Header.Number,
        ParentHash = Header.ParentHash,
        Timestamp = Header.Timestamp,
        Beneficiary = Header.Beneficiary,
        GasLimit = Header.GasLimit,
        BaseFee = Header.BaseFeePerGas,
        PrevRandao = Header.MixHash,
        Difficulty = Header.Difficulty,
        ExtraData = Header.ExtraData,
        ParentBeaconBlockRoot = Header.ParentBeaconBlockRoot,
        Withdrawals = [],
    };

    /// <summary>
    /// Reads a file with the keys chainId, block, preState and codes: JSON, or gzip of it. Transactions have to have
    /// the hashes that the file states, and the header that of the block.
    /// </summary>
    /// <exception cref="FixtureException">The file can't be read, or is damaged.</exception>
    public static RpcBlock Read(string path)
    {
        using JsonDocument document = FixtureFile.Open(path);
        var top = new JsonField(path, document.RootElement);
        ulong chainId = top["chainId"].AsUInt64();
        JsonField block = top["block"];
        BlockHeader header = HeaderJson.Read(block);
        if (header.Hash != block["hash"].AsHash()) throw block.Wrong("does not have the hash that it states");
        return new RpcBlock
        {
            File = path,
            Chain = ChainSpec.Always(OpFork.Jovian, chainId),
            Header = header,
            Transactions = [.. block["transactions"].Elements().Select(TransactionJson.Read)],
            State = ReadState(top["preState"], ReadCodes(top["codes"])),
        };
    }

    private static Dictionary<Hash256, byte[]> ReadCodes(JsonField json)
    {
        var codes = new Dictionary<Hash256, byte[]>();
        foreach ((string name, JsonField value) in json.Fields())
        {
            byte[] code = value.AsBytes();
            if (!Hash256.TryParse(name, out Hash256 hash) || Keccak256.Hash(code) != hash)
                throw value.Wrong("does not have the hash under which it stands");
            codes[hash] = code;
        }

        return codes;
    }

    private static MemoryStateSource ReadState(JsonField json, Dictionary<Hash256, byte[]> codes)
    {
        var state = new MemoryStateSource();
        foreach ((string name, JsonField account) in json.Fields())
        {
            if (!Address.TryParse(name, out Address address))
                throw account.Wrong("stands under a key that is no address");
            byte[]? code = [];
            if (account.Optional("code_hash") is { } hash
                && hash.AsHash() is var codeHash
                && codeHash != Keccak256.EmptyString
                && !codes.TryGetValue(codeHash, out code))
            {
                throw hash.Wrong("names a code that \"codes\" lacks");
            }

            state.SetAccount(address, account["balance"].AsUInt256(), account["nonce"].AsUInt64(), code);
            foreach ((string key, JsonField value) in account["storage"].Fields())
            {
                if (!UInt256.TryParse(key, out UInt256 slot)) throw value.Wrong("stands under a key that is no number");
                state.SetStorage(address, slot, value.AsUInt256());
            }
        }

        return state;
    }
}
