using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Tests.Evm;

/// <summary>
/// Random code with random gas gives the same under each tier. FRAGCAST_TIER_FUZZ=N runs N seeds instead of a few.
/// </summary>
public sealed class TierEquivalenceTests
{
    private const int SeedsByDefault = 1000;

    // A code has a region or more, each of which takes some milliseconds to compile.
    private const int CompiledByDefault = 100;

    [Theory]
    [InlineData(ExecutionTier.Decoded, Fork.Osaka)]
    [InlineData(ExecutionTier.Decoded, Fork.Shanghai)]
    [InlineData(ExecutionTier.Decoded, Fork.Homestead)]
    [InlineData(ExecutionTier.Compiled, Fork.Osaka)]
    [InlineData(ExecutionTier.Compiled, Fork.Homestead)]
    public void Run_RandomCode_SameAsInterpreter(ExecutionTier tier, Fork fork)
    {
        var seeds = int.TryParse(Environment.GetEnvironmentVariable("FRAGCAST_TIER_FUZZ"), out var asked)
            ? asked
            : tier == ExecutionTier.Compiled ? CompiledByDefault : SeedsByDefault;
        var interpreter = new EvmFixture(fork);
        var tested = new EvmFixture(fork);
        (interpreter.Machine.Tier, tested.Machine.Tier) = (ExecutionTier.Interpreter, tier);
        for (var seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            var code = new RandomCode(random).Next();
            var other = new RandomCode(random).Next();
            var gas = random.Next(4) == 0 ? random.Next(3_000) : random.Next(300_000);
            var expected = Run(interpreter, code, other, gas);
            var actual = Run(tested, code, other, gas);
            Assert.True(
                expected == actual,
                $"seed {seed}, {tier}, {fork}, gas {gas}, code {Convert.ToHexString(code)}, other "
                + $"{Convert.ToHexString(other)}:\n{expected}\n{actual}");
        }
    }

    // Loops that jump back: Fibonacci, which moves words round; one that leaves a word behind in each round, until the
    // stack is full; one that takes a word off in each round, until there is none.
    [Theory]
    [InlineData("60145F60015B8215601A578181019150909160019003916005" + "565B9150505F5260205FF3")]
    [InlineData("5B5A600056")]
    [InlineData("5F5F5F5F5F5F5F5F5F5F5F5B50600B56")]
    public void Run_LoopWithAnyGas_SameAsInterpreter(string hex)
    {
        var code = Convert.FromHexString(hex);
        var interpreter = new EvmFixture(Fork.Osaka);
        var tested = new EvmFixture(Fork.Osaka);
        (interpreter.Machine.Tier, tested.Machine.Tier) = (ExecutionTier.Interpreter, ExecutionTier.Decoded);
        foreach (var gas in Enumerable.Range(1, 1500).Append(1_000_000))
        {
            Assert.Equal(Run(interpreter, code, [], gas), Run(tested, code, [], gas));
        }
    }

    // What two executions one after the other leave behind, as text.
    private static string Run(EvmFixture fixture, byte[] code, byte[] other, long gas)
    {
        fixture.State.Reset();
        fixture.Source.SetAccount(EvmFixture.Contract, 5, nonce: 1, code);
        fixture.Source.SetAccount(EvmFixture.Other, 7, nonce: 1, other);
        var text = "";
        for (var i = 0; i < 2; i++)
        {
            var result = fixture.Call(EvmFixture.Contract, gas - i, input: [1, 2, 3, 4, 5, 6, 7]);
            var isFailure = result.Status is not (ExecutionStatus.Success or ExecutionStatus.Revert);
            text += $"{(isFailure ? "failure" : result.Status)} {result.GasLeft} "
                + $"{Convert.ToHexString(result.Output.Span)} refund {fixture.State.Refund}{Effects(fixture)}\n";
            fixture.State.EndTransaction();
        }

        return text;
    }

    private static string Effects(EvmFixture fixture)
    {
        var state = fixture.State;
        var text = "";
        foreach (var address in new[] { EvmFixture.Contract, EvmFixture.Other })
        {
            var account = state.Account(address);
            text += $" {state.Nonce(account)} {state.Balance(account)}";
            for (var key = 0; key < 6; key++)
            {
                text += $" {state.Current(state.Slot(account, key * 32))}";
            }
        }

        for (var i = 0; i < state.LogCount; i++)
        {
            var log = state.Log(i);
            text += $" log {log.Address} {log.Topics[0]} {Convert.ToHexString(log.Data)}";
        }

        return text;
    }
}
