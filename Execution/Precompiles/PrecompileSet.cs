using System.Diagnostics.CodeAnalysis;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles;

/// <summary>The precompiled contracts of a fork, by address.</summary>
public sealed unsafe class PrecompileSet
{
    private const int P256Address = 0x100;

    private readonly Precompile?[] _byAddress = new Precompile?[P256Address + 1];

    private PrecompileSet(Fork fork, OpFork opFork)
    {
        Add(0x01, new Precompile("ECREC", &EcRecover.Price, &EcRecover.Run));
        Add(0x02, new Precompile("SHA256", &HashPrecompiles.Sha256Price, &HashPrecompiles.Sha256));
        Add(0x03, new Precompile("RIPEMD160", &HashPrecompiles.Ripemd160Price, &HashPrecompiles.Ripemd160));
        Add(0x04, new Precompile("ID", &HashPrecompiles.IdentityPrice, &HashPrecompiles.Identity));
        if (fork >= Fork.Byzantium)
        {
            AddByzantium(fork);
        }

        if (fork >= Fork.Istanbul)
        {
            Add(0x09, new Precompile("BLAKE2F", &Blake2F.Price, &Blake2F.Run));
        }

        if (fork >= Fork.Osaka)
        {
            Add(P256Address, new Precompile("P256VERIFY", &P256Verify.Price, &P256Verify.Run));
        }
        else if (opFork >= OpFork.Fjord)
        {
            Add(P256Address, new Precompile("P256VERIFY", &P256Verify.RollupPrice, &P256Verify.Run));
        }

        if (fork >= Fork.Cancun)
        {
            Add(0x0A, new Precompile("KZG_POINT_EVALUATION", &PointEvaluation.Price, &PointEvaluation.Run));
        }

        if (fork >= Fork.Prague)
        {
            AddPrague();
        }

        LimitInputs(opFork);
    }

    /// <summary>Addresses of the contracts.</summary>
    public IEnumerable<Address> Addresses =>
        Enumerable.Range(0, _byAddress.Length)
            .Where(number => _byAddress[number] is not null)
            .Select(number => Address.FromUInt256(number));

    /// <summary>Whether there is a precompile at the address.</summary>
    public bool Contains(in Address address) => TryGet(address, out _);

    internal static PrecompileSet For(Fork fork, OpFork opFork) => new(fork, opFork);

    internal bool TryGet(in Address address, [NotNullWhen(true)] out Precompile? precompile)
    {
        var number = address.ToUInt256();
        precompile = number.FitsUInt64 && number.U0 <= P256Address ? _byAddress[number.U0] : null;
        return precompile is not null;
    }

    private void AddByzantium(Fork fork)
    {
        Add(0x05, fork switch
        {
            >= Fork.Osaka => new Precompile("MODEXP", &ModExp.PriceEip7883, &ModExp.RunEip7823),
            >= Fork.Berlin => new Precompile("MODEXP", &ModExp.PriceEip2565, &ModExp.Run),
            _ => new Precompile("MODEXP", &ModExp.PriceEip198, &ModExp.Run),
        });
        if (fork >= Fork.Istanbul)
        {
            Add(0x06, new Precompile("BN254_ADD", &Bn254Precompiles.AddPrice, &Bn254Precompiles.Add));
            Add(0x07, new Precompile("BN254_MUL", &Bn254Precompiles.MultiplyPrice, &Bn254Precompiles.Multiply));
            Add(0x08, new Precompile(
                "BN254_PAIRING", &Bn254Precompiles.PairingPrice, &Bn254Precompiles.PairingCheck));
        }
        else
        {
            Add(0x06, new Precompile("BN254_ADD", &Bn254Precompiles.AddPriceByzantium, &Bn254Precompiles.Add));
            Add(0x07, new Precompile(
                "BN254_MUL", &Bn254Precompiles.MultiplyPriceByzantium, &Bn254Precompiles.Multiply));
            Add(0x08, new Precompile(
                "BN254_PAIRING", &Bn254Precompiles.PairingPriceByzantium, &Bn254Precompiles.PairingCheck));
        }
    }

    private void AddPrague()
    {
        Add(0x0B, new Precompile("BLS12_G1ADD", &BlsPrecompiles.G1AddPrice, &BlsPrecompiles.G1Add));
        Add(0x0C, new Precompile("BLS12_G1MSM", &BlsMultiScalar.G1Price, &BlsMultiScalar.G1));
        Add(0x0D, new Precompile("BLS12_G2ADD", &BlsPrecompiles.G2AddPrice, &BlsPrecompiles.G2Add));
        Add(0x0E, new Precompile("BLS12_G2MSM", &BlsMultiScalar.G2Price, &BlsMultiScalar.G2));
        Add(0x0F, new Precompile(
            "BLS12_PAIRING_CHECK", &BlsPrecompiles.PairingPrice, &BlsPrecompiles.PairingCheck));
        Add(0x10, new Precompile("BLS12_MAP_FP_TO_G1", &BlsPrecompiles.MapToG1Price, &BlsPrecompiles.MapToG1));
        Add(0x11, new Precompile("BLS12_MAP_FP2_TO_G2", &BlsPrecompiles.MapToG2Price, &BlsPrecompiles.MapToG2));
    }

    // OP-stack chains bound what a fault proof has to verify.
    private void LimitInputs(OpFork opFork)
    {
        if (opFork >= OpFork.Granite)
        {
            Limit(0x08, opFork >= OpFork.Jovian ? 81_984 : 112_687);
        }

        if (opFork >= OpFork.Isthmus)
        {
            var isJovian = opFork >= OpFork.Jovian;
            Limit(0x0C, isJovian ? 288_960 : 513_760);
            Limit(0x0E, isJovian ? 278_784 : 488_448);
            Limit(0x0F, isJovian ? 156_672 : 235_008);
        }
    }

    private void Add(int address, Precompile precompile) => _byAddress[address] = precompile;

    private void Limit(int address, int inputMax) => _byAddress[address] = _byAddress[address]?.Limited(inputMax);
}
