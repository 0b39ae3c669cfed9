using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Precompiles;

/// <summary>
/// A precompiled contract: a price by input, and a function that fills the output or refuses the input. The price is
/// charged before the function runs, so that it bounds all work and memory.
/// </summary>
internal sealed unsafe class Precompile(
    string name,
    delegate*<ReadOnlySpan<byte>, long> price,
    delegate*<ReadOnlySpan<byte>, PrecompileOutput, bool> function,
    int inputMax = int.MaxValue)
{
    private readonly delegate*<ReadOnlySpan<byte>, long> _price = price;
    private readonly delegate*<ReadOnlySpan<byte>, PrecompileOutput, bool> _function = function;

    /// <summary>The usual name.</summary>
    public string Name { get; } = name;

    /// <summary>Longest input that is accepted (limits of OP-stack chains).</summary>
    public int InputMax { get; } = inputMax;

    /// <summary>The same contract with a limit on its input.</summary>
    public Precompile Limited(int inputMax) => new(Name, _price, _function, inputMax);

    /// <summary>Gas that the contract takes for an input, whether or not it then refuses it.</summary>
    public long Price(ReadOnlySpan<byte> input) => _price(input);

    /// <summary>Runs the contract with the given gas.</summary>
    /// <returns>Gas left, or a <see cref="Fault"/>.</returns>
    public long Execute(ReadOnlySpan<byte> input, long gas, PrecompileOutput output)
    {
        output.Resize(0);
        var cost = _price(input);
        if (cost > gas)
        {
            return Fault.OutOfGas;
        }

        return input.Length <= InputMax && _function(input, output) ? gas - cost : Fault.PrecompileFailure;
    }
}
