namespace Fragcast.Execution.Evm;

/// <summary>Rules of execution by Ethereum's upgrades that changed them, in order. Compare with &gt;=.</summary>
public enum Fork : byte
{
    /// <summary>The rules of the first blocks.</summary>
    Frontier,

    /// <summary>EIP-2, EIP-7.</summary>
    Homestead,

    /// <summary>EIP-150.</summary>
    TangerineWhistle,

    /// <summary>EIP-155, EIP-160, EIP-161, EIP-170.</summary>
    SpuriousDragon,

    /// <summary>EIP-140, EIP-196, EIP-197, EIP-198, EIP-211, EIP-214.</summary>
    Byzantium,

    /// <summary>EIP-145, EIP-1014, EIP-1052, EIP-1283.</summary>
    Constantinople,

    /// <summary>Constantinople without EIP-1283.</summary>
    Petersburg,

    /// <summary>EIP-152, EIP-1108, EIP-1344, EIP-1884, EIP-2028, EIP-2200.</summary>
    Istanbul,

    /// <summary>EIP-2565, EIP-2929, EIP-2930.</summary>
    Berlin,

    /// <summary>EIP-1559, EIP-3198, EIP-3529, EIP-3541.</summary>
    London,

    /// <summary>EIP-3675, EIP-4399.</summary>
    Paris,

    /// <summary>EIP-3651, EIP-3855, EIP-3860, EIP-4895.</summary>
    Shanghai,

    /// <summary>EIP-1153, EIP-4788, EIP-4844, EIP-5656, EIP-6780, EIP-7516.</summary>
    Cancun,

    /// <summary>EIP-2537, EIP-2935, EIP-6110, EIP-7002, EIP-7251, EIP-7623, EIP-7685, EIP-7691, EIP-7702.</summary>
    Prague,

    /// <summary>EIP-7594, EIP-7823, EIP-7825, EIP-7883, EIP-7918, EIP-7934, EIP-7939, EIP-7951.</summary>
    Osaka,
}

/// <summary>Upgrades of OP-stack chains, in order. Compare with &gt;=.</summary>
public enum OpFork : byte
{
    /// <summary>Not an OP-stack chain.</summary>
    None,

    /// <summary>The first release considered here.</summary>
    Bedrock,

    /// <summary>Deposits pay for the gas they use.</summary>
    Regolith,

    /// <summary>Shanghai, deposit receipts with a version.</summary>
    Canyon,

    /// <summary>Cancun, the L1 fee by blob prices.</summary>
    Ecotone,

    /// <summary>P256VERIFY, the L1 fee by compressed size.</summary>
    Fjord,

    /// <summary>Limits the input of the bn254 pairing.</summary>
    Granite,

    /// <summary>Base-fee parameters in the header.</summary>
    Holocene,

    /// <summary>Prague, operator fee, limits the input of BLS12-381 precompiles.</summary>
    Isthmus,

    /// <summary>Minimum base fee, data-availability footprint, tighter limits of precompile inputs.</summary>
    Jovian,
}
