using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.State;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// Reads the JSON form of <see cref="RpcBlock"/>: the keys chainId, block, preState and codes. Transactions have to
/// have the hashes that the file states, and the header that of the block.
/// </summary>
internal static class RpcBlockReader
{
    public static RpcBlock Read(string path, JsonField top)
    {
        ulong chainId = top["chainId"].AsUInt64();
        JsonField block = top["block"];
        BlockHeader header = HeaderJson.Read(block);
        Hash256 hash = block["hash"].AsHash();
        if (header.Hash != hash) throw block.Wrong("does not have the hash that it states");
        return new RpcBlock
        {
            File = path,
            Chain = ChainSpec.Always(OpFork.Jovian, chainId),
            Header = header,
            Environment = EnvironmentOf(header),
            Transactions = [.. block["transactions"].Elements().Select(TransactionJson.Read)],
            State = ReadState(top["preState"], ReadCodes(top["codes"])),
            ExpectedHash = hash,
        };
    }

    private static BlockEnvironment EnvironmentOf(BlockHeader header) => new()
    {
        Number = header.Number,
        ParentHash = header.ParentHash,
        Timestamp = header.Timestamp,
        Beneficiary = header.Beneficiary,
        GasLimit = header.GasLimit,
        BaseFee = header.BaseFeePerGas,
        PrevRandao = header.MixHash,
        Difficulty = header.Difficulty,
        ExtraData = header.ExtraData,
        ParentBeaconBlockRoot = header.ParentBeaconBlockRoot,
        Withdrawals = [],
    };

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
