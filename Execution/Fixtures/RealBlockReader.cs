using System.Buffers.Binary;
using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Execution.Fixtures;

/// <summary>Reads the JSON form of <see cref="RealBlock"/>, which is that of op-rs/kona's executor tests.</summary>
internal static class RealBlockReader
{
    public static RealBlock Read(string path, JsonField top)
    {
        ChainSpec chain = RollupConfig.ReadChain(top["rollup_config"]);
        BlockHeader parent = HeaderJson.Read(top["parent_header"]);
        JsonField payload = top["executing_payload"];
        return new RealBlock
        {
            File = path,
            Chain = chain,
            Parent = parent,
            Environment = ReadEnvironment(payload, chain, parent),
            Transactions = [.. payload["transactions"].Elements().Select(ReadTransaction)],
            ExpectedHash = top["expected_block_hash"].AsHash(),
            Witness = ReadWitness(top["witness"]),
        };
    }

    private static BlockEnvironment ReadEnvironment(JsonField payload, ChainSpec chain, BlockHeader parent)
    {
        ulong timestamp = payload["timestamp"].AsUInt64();
        if (!BaseFee.TryCompute(chain, parent, timestamp, out UInt256 baseFee))
            throw payload.Wrong("can't have a base fee: parent_header.extraData holds no base-fee parameters");
        return new BlockEnvironment
        {
            Number = parent.Number + 1,
            ParentHash = parent.Hash,
            Timestamp = timestamp,
            Beneficiary = payload["suggestedFeeRecipient"].AsAddress(),
            GasLimit = payload["gasLimit"].AsUInt64(),
            BaseFee = baseFee,
            PrevRandao = payload["prevRandao"].AsHash(),
            ExtraData = ReadFeeParameters(payload, chain.Op!, timestamp).Encode(chain.Op!.ForkAt(timestamp)),
            ParentBeaconBlockRoot = payload.Optional("parentBeaconBlockRoot")?.AsHash(),
            Withdrawals = chain.Op.ForkAt(timestamp) >= OpFork.Canyon ? [] : null,
        };
    }

    /// <summary>
    /// The base-fee parameters that the block announces for the next one. Payload attributes state zero for the
    /// chain's own.
    /// </summary>
    private static OpFeeParameters ReadFeeParameters(JsonField payload, OpChainSpec chain, ulong timestamp)
    {
        OpFeeParameters parameters = chain.FeeParametersAt(timestamp);
        if (payload.Optional("eip1559Params") is { } field)
        {
            byte[] bytes = field.AsBytes();
            if (bytes.Length != 8) throw field.Wrong("is not 8 bytes of hex");
            uint denominator = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            uint elasticity = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4));
            if (denominator != 0 && elasticity != 0)
                parameters = new OpFeeParameters(denominator, elasticity, MinBaseFee: 0);
        }

        return parameters with { MinBaseFee = payload.Optional("minBaseFee")?.AsUInt64() ?? 0 };
    }

    private static Transaction ReadTransaction(JsonField json)
    {
        TxDecodeError error = Transaction.TryDecode(json.AsBytes(), out Transaction? transaction);
        return transaction ?? throw json.Wrong($"is not a transaction: {error}");
    }

    private static WitnessStore ReadWitness(JsonField json)
    {
        var witness = new WitnessStore();
        foreach ((string name, JsonField value) in json.Fields())
        {
            if (!Hash256.TryParse(name, out Hash256 hash)) throw value.Wrong("stands under a key that is no hash");
            if (witness.Add(value.AsBytes()) != hash) throw value.Wrong("does not have the hash under which it stands");
        }

        return witness;
    }
}
