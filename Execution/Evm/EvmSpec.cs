using System.Collections.Concurrent;
using Fragcast.Execution.Precompiles;

namespace Fragcast.Execution.Evm;

/// <summary>
/// The execution rules of a fork: one object for each combination of <see cref="Fork"/> and <see cref="OpFork"/>,
/// immutable, shared by all threads.
/// </summary>
public sealed class EvmSpec
{
    internal const long CallStipend = 2300;
    internal const long ValueTransferGas = 9000;
    internal const long NewAccountGas = 25000;
    internal const long CodeDepositGas = 200;
    internal const long KeccakWordGas = 6;

    private static readonly ConcurrentDictionary<(Fork, OpFork), EvmSpec> Known = new();

    private readonly StorePrice _store;

    private EvmSpec(Fork fork, OpFork opFork)
    {
        Fork = fork;
        OpFork = opFork;
        Precompiles = PrecompileSet.For(fork, opFork);
        Instructions = new InstructionTable(fork);
        KeepsCallGas = fork >= Fork.TangerineWhistle;
        ClearsEmpty = fork >= Fork.SpuriousDragon;
        DestroysOnlyNew = fork >= Fork.Cancun;
        FollowsDelegations = fork >= Fork.Prague;
        RefusesCodeOfEf = fork >= Fork.London;
        PaysDepositOrFails = fork >= Fork.Homestead;
        MaxCodeSize = fork >= Fork.SpuriousDragon ? 24576 : int.MaxValue;
        MaxInitCodeSize = fork >= Fork.Shanghai ? 2 * MaxCodeSize : int.MaxValue;
        InitCodeWordGas = fork >= Fork.Shanghai ? 2 : 0;
        ExpByteGas = fork >= Fork.SpuriousDragon ? 50 : 10;
        SelfDestructRefund = fork < Fork.London ? 24000 : 0;
        if (fork >= Fork.Berlin)
        {
            HasAccessLists = true;
            WarmAccountGas = 100;
            ColdAccountGas = 2600;
            ColdSlotSurcharge = 2000;
        }

        _store = fork switch
        {
            >= Fork.London => new StorePrice(true, CallStipend, 100, 20000, 2900, 4800, 2100),
            >= Fork.Berlin => new StorePrice(true, CallStipend, 100, 20000, 2900, 15000, 2100),
            >= Fork.Istanbul => new StorePrice(true, CallStipend, 800, 20000, 5000, 15000, 0),
            Fork.Constantinople => new StorePrice(true, 0, 200, 20000, 5000, 15000, 0),
            _ => new StorePrice(false, 0, 0, 20000, 5000, 15000, 0),
        };
    }

    /// <summary>The Ethereum upgrade whose rules hold.</summary>
    public Fork Fork { get; }

    /// <summary>The OP-stack upgrade whose rules hold, if any.</summary>
    public OpFork OpFork { get; }

    /// <summary>The precompiled contracts.</summary>
    public PrecompileSet Precompiles { get; }

    /// <summary>EIP-161: empty accounts that are touched are removed, contracts start at nonce 1.</summary>
    public bool ClearsEmpty { get; }

    /// <summary>EIP-2929: the first access to an account or slot is dearer.</summary>
    public bool HasAccessLists { get; }

    /// <summary>EIP-3860: bytes of init code allowed, also in a transaction.</summary>
    public int MaxInitCodeSize { get; }

    internal InstructionTable Instructions { get; }

    internal ref readonly StorePrice Store => ref _store;

    // EIP-150: a caller keeps a 64th of its gas.
    internal bool KeepsCallGas { get; }

    // EIP-6780.
    internal bool DestroysOnlyNew { get; }

    // EIP-7702.
    internal bool FollowsDelegations { get; }

    // EIP-3541.
    internal bool RefusesCodeOfEf { get; }

    // EIP-2: a creation that can't pay for its code fails; before, it made a contract without code.
    internal bool PaysDepositOrFails { get; }

    // EIP-170.
    internal int MaxCodeSize { get; }

    // EIP-3860.
    internal long InitCodeWordGas { get; }

    // EIP-160.
    internal long ExpByteGas { get; }

    // EIP-3529 removed it.
    internal long SelfDestructRefund { get; }

    internal long WarmAccountGas { get; }

    internal long ColdAccountGas { get; }

    internal long ColdSlotSurcharge { get; }

    /// <summary>Rules of Ethereum, or with <paramref name="opFork"/> those of an OP-stack chain.</summary>
    public static EvmSpec For(Fork fork, OpFork opFork = OpFork.None) =>
        Known.GetOrAdd((fork, opFork), static key => new EvmSpec(key.Item1, key.Item2));
}
