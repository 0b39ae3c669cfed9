using Fragcast.Execution.Evm;
using Fragcast.Execution.Precompiles;
using Fragcast.Primitives;

namespace Fragcast.Perf.Precompiles;

/// <summary>An input with the output that is right for it.</summary>
/// <param name="Name">What is computed, with its size.</param>
/// <param name="Address">The precompile's address; null for Keccak-256, which has no price of its own here.</param>
/// <param name="GoalUs">The greatest minimum that is good, in microseconds, where there is a goal.</param>
/// <param name="Input">The input.</param>
/// <param name="Expected">The output.</param>
internal sealed record PrecompileCase(string Name, int? Address, double? GoalUs, byte[] Input, byte[] Expected)
{
    private static readonly PrecompileSet Set = EvmSpec.For(Fork.Osaka).Precompiles;

    // At most this much gas is put in: more than any case takes.
    private const long Gas = 1L << 40;

    private readonly PrecompileOutput _output = new();
    private readonly Precompile? _precompile = Address is { } address ? Find(address) : null;

    /// <summary>Gas that the precompile takes; null for Keccak-256.</summary>
    public long? Price => _precompile?.Price(Input);

    /// <summary>The last output.</summary>
    public ReadOnlySpan<byte> Output => _output.Bytes;

    /// <summary>Whether the last output is the right one.</summary>
    public bool IsCorrect => Output.SequenceEqual(Expected);

    /// <summary>Computes once.</summary>
    public void Execute()
    {
        if (_precompile is null)
            Keccak256.Hash(Input, _output.Resize(Keccak256.DigestSize));
        else if (_precompile.Execute(Input, Gas, _output) < 0)
            _output.Resize(0);
    }

    private static Precompile Find(int address) =>
        Set.TryGet(Fragcast.Primitives.Address.FromUInt256(address), out Precompile? precompile)
            ? precompile
            : throw new ArgumentOutOfRangeException(nameof(address), address, "There is no precompile.");
}
