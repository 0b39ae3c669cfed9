using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Fixtures;

/// <summary>Reads what execution needs of a rollup configuration, as op-node and kona write it.</summary>
internal static class RollupConfig
{
    /// <summary>The chain that a configuration describes. Upgrades that are absent or null never start.</summary>
    public static ChainSpec ReadChain(JsonField config)
    {
        JsonField? fees = config.Optional("chain_op_config");
        return new ChainSpec
        {
            ChainId = config["l2_chain_id"].AsUInt64(),
            Op = new OpChainSpec
            {
                // Chains without a time for it have had Regolith from their start on.
                [OpFork.Regolith] = Start(config, "regolith_time") ?? 0,
                [OpFork.Canyon] = Start(config, "canyon_time"),
                [OpFork.Ecotone] = Start(config, "ecotone_time"),
                [OpFork.Fjord] = Start(config, "fjord_time"),
                [OpFork.Granite] = Start(config, "granite_time"),
                [OpFork.Holocene] = Start(config, "holocene_time"),
                [OpFork.Isthmus] = Start(config, "isthmus_time"),
                [OpFork.Jovian] = Start(config, "jovian_time"),
                Elasticity = Positive(fees, "eip1559Elasticity") ?? 6,
                Denominator = Positive(fees, "eip1559Denominator") ?? 50,
                DenominatorCanyon = Positive(fees, "eip1559DenominatorCanyon") ?? 250,
            },
        };
    }

    private static ulong? Start(JsonField config, string name) => config.Optional(name)?.AsUInt64();

    private static uint? Positive(JsonField? config, string name)
    {
        if (config?.Optional(name) is not { } field) return null;
        uint value = field.AsUInt32();
        return value > 0 ? value : throw field.Wrong("is zero");
    }
}
