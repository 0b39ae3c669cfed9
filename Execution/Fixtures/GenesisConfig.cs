using Fragcast.Execution.Blocks;
using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Fixtures;

/// <summary>
/// Reads the "config" of a genesis file as geth and op-geth write it. Upgrades that are absent or null never start.
/// </summary>
internal static class GenesisConfig
{
    // In the order of the upgrades. Upgrades of the mining difficulty only have no rules here.
    private static readonly (string Name, Fork Fork)[] ByBlock =
    [
        ("homesteadBlock", Fork.Homestead),
        ("eip150Block", Fork.TangerineWhistle),
        ("eip158Block", Fork.SpuriousDragon),
        ("byzantiumBlock", Fork.Byzantium),
        ("constantinopleBlock", Fork.Constantinople),
        ("petersburgBlock", Fork.Petersburg),
        ("istanbulBlock", Fork.Istanbul),
        ("berlinBlock", Fork.Berlin),
        ("londonBlock", Fork.London),
        ("mergeNetsplitBlock", Fork.Paris),
    ];

    private static readonly (string Name, Fork Fork)[] ByTime =
    [
        ("shanghaiTime", Fork.Shanghai),
        ("cancunTime", Fork.Cancun),
        ("pragueTime", Fork.Prague),
        ("osakaTime", Fork.Osaka),
    ];

    private static readonly string[] BlobUpgrades = ["bpo1", "bpo2", "bpo3", "bpo4", "bpo5"];

    // What a node of these rules would execute wrongly: better to stop at the start.
    private static readonly string[] Unknown = ["amsterdamTime", "bogotaTime", "verkleTime", "ubtTime", "interopTime"];

    /// <summary>The chain that a configuration describes.</summary>
    public static ChainSpec ReadChain(JsonField config)
    {
        foreach (string name in Unknown)
        {
            if (config.Optional(name) is { } field) throw field.Wrong("starts an upgrade that is not known");
        }

        ulong chainId = config["chainId"].AsUInt64();
        if (config.Optional("optimism") is { } optimism)
            return new ChainSpec { ChainId = chainId, Op = ReadOp(config, optimism) };
        var chain = new ChainSpec { ChainId = chainId, Forks = ReadForks(config), Blobs = ReadBlobs(config) };
        return config.Optional("depositContractAddress") is { } deposits
            ? new ChainSpec
            {
                ChainId = chainId, Forks = chain.Forks, Blobs = chain.Blobs, DepositContract = deposits.AsAddress(),
            }
            : chain;
    }

    private static List<ForkStart> ReadForks(JsonField config)
    {
        var forks = new List<ForkStart>();
        foreach ((string name, Fork fork) in ByBlock) AddFork(config, name, fork, byTime: false, forks);
        if (config.Optional("mergeNetsplitBlock") is null
            && config.Optional("terminalTotalDifficulty")?.AsUInt256().IsZero == true)
        {
            forks.Add(new ForkStart(Fork.Paris, ByTime: false, 0));
        }

        foreach ((string name, Fork fork) in ByTime) AddFork(config, name, fork, byTime: true, forks);
        return forks;
    }

    private static void AddFork(JsonField config, string name, Fork fork, bool byTime, List<ForkStart> forks)
    {
        if (config.Optional(name) is not { } field) return;
        ulong start = field.AsUInt64();
        if (forks.Count > 0 && forks[^1].ByTime == byTime && start < forks[^1].Start)
            throw field.Wrong("is before the start of the upgrade that precedes it");
        forks.Add(new ForkStart(fork, byTime, start));
    }

    /// <summary>
    /// Osaka brings no blob parameters of its own: without an entry, those before it hold on. Upgrades of blob
    /// parameters only are nothing without one.
    /// </summary>
    private static List<BlobSchedule> ReadBlobs(JsonField config)
    {
        JsonField? schedule = config.Optional("blobSchedule");
        var blobs = new List<BlobSchedule>();
        AddUsual("cancun", Fork.Cancun);
        AddUsual("prague", Fork.Prague);
        if (config.Optional("osakaTime") is { } osaka && schedule?.Optional("osaka") is { } ofOsaka)
            blobs.Add(BlobScheduleJson.Read(ofOsaka, osaka.AsUInt64()));
        foreach (string name in BlobUpgrades)
        {
            if (config.Optional($"{name}Time") is not { } time) continue;
            JsonField own = schedule?.Optional(name) ?? throw time.Wrong($"has no \"{name}\" in blobSchedule");
            blobs.Add(BlobScheduleJson.Read(own, time.AsUInt64()));
        }

        return blobs;

        void AddUsual(string name, Fork fork)
        {
            if (config.Optional($"{name}Time")?.AsUInt64() is not { } start) return;
            blobs.Add(schedule?.Optional(name) is { } own
                ? BlobScheduleJson.Read(own, start)
                : BlobSchedule.Of(fork) with { Start = start });
        }
    }

    private static OpChainSpec ReadOp(JsonField config, JsonField optimism)
    {
        if (config.Optional("bedrockBlock") is { } bedrock && bedrock.AsUInt64() != 0)
            throw bedrock.Wrong("is not 0: chains that are older than Bedrock can't be started from genesis");
        return new OpChainSpec
        {
            [OpFork.Regolith] = Start("regolithTime"),
            [OpFork.Canyon] = Start("canyonTime"),
            [OpFork.Ecotone] = Start("ecotoneTime"),
            [OpFork.Fjord] = Start("fjordTime"),
            [OpFork.Granite] = Start("graniteTime"),
            [OpFork.Holocene] = Start("holoceneTime"),
            [OpFork.Isthmus] = Start("isthmusTime"),
            [OpFork.Jovian] = Start("jovianTime"),
            Elasticity = Positive(optimism["eip1559Elasticity"]),
            Denominator = Positive(optimism["eip1559Denominator"]),
            DenominatorCanyon = optimism.Optional("eip1559DenominatorCanyon") is { } canyon ? Positive(canyon) : 250,
        };

        ulong? Start(string name) => config.Optional(name)?.AsUInt64();
    }

    private static uint Positive(JsonField field) =>
        field.AsUInt32() is var value and > 0 ? value : throw field.Wrong("is zero");
}
