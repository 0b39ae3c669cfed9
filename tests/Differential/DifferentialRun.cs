using System.Text;
using System.Text.Json;
using Fragcast.Execution.Blocks;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Differential;

/// <summary>
/// One run: anvil and our executor start from the same state and get the same transactions, block by block, until
/// there are enough or something differs.
/// </summary>
internal sealed class DifferentialRun : IDisposable
{
    private const ulong BlockTime = 12;

    private readonly Setup _setup;
    private readonly int _seed;
    private readonly Dice _dice;
    private readonly World _world;
    private readonly AnvilNode _anvil;
    private readonly OurChain _ours;
    private readonly TransactionGenerator _generator;
    private readonly Tally _tally = new();
    private List<Candidate> _candidates = [];
    private string[] _answers = [];
    private BlockHeader _parent;

    public DifferentialRun(Setup setup, int seed)
    {
        _setup = setup;
        _seed = seed;
        _dice = new Dice(seed);
        _world = new World(setup, _dice);
        _anvil = new AnvilNode(setup, _world.GenesisJson());
        try
        {
            _ours = new OurChain(setup, _anvil.DumpAccounts());
            _generator = new TransactionGenerator(setup, _dice, _world, _ours.NonceOf);
            _parent = Rpc.Header(_anvil.Call("eth_getBlockByNumber", "latest", false));
        }
        catch
        {
            _anvil.Dispose();
            throw;
        }
    }

    /// <summary>Runs until so many transactions were sent; fails the test at the first difference.</summary>
    public Tally Run(int transactions)
    {
        while (_tally.Total < transactions)
        {
            NextBlock();
            if (_tally.CutShortBy is not null) return _tally;
            _tally.Blocks++;
        }

        string[] differences = [.. _ours.Differences(_anvil.DumpAccounts())];
        if (differences.Length > 0) Fail("the state at the end", differences);
        return _tally;
    }

    public void Dispose() => _anvil.Dispose();

    private void NextBlock()
    {
        bool setsBaseFee = Prepare(out UInt256 baseFee);
        _candidates = _generator.Block(_dice.Chance(50) ? 1 : _dice.Between(2, 7), baseFee, _parent.Number == 0);
        _answers = new string[_candidates.Count];
        for (int i = 0; i < _candidates.Count; i++)
        {
            string raw = Hex.Encode(_candidates[i].Wire);
            if (_anvil.TryCall(out _, out _answers[i], "eth_sendRawTransaction", raw)) _answers[i] = "taken";
        }

        _anvil.Call("evm_setNextBlockTimestamp", _parent.Timestamp + BlockTime);
        _anvil.Call("evm_mine");
        JsonElement block = _anvil.Call("eth_getBlockByNumber", "latest", false);
        BlockHeader header = Rpc.Header(block);
        if (header.BaseFeePerGas != baseFee)
            Fail("base fee", [$"ours {baseFee}, anvil's {header.BaseFeePerGas}{(setsBaseFee ? ", set" : "")}"]);
        _ours.Begin(header);
        Execute(block);
        Compare(header);
        if (_tally.CutShortBy is not null) return;
        _ours.Executor.Commit();
        _parent = header;
        _anvil.Call("anvil_dropAllTransactions");
    }

    /// <summary>Says what the next block's base fee is; sometimes another coinbase.</summary>
    private bool Prepare(out UInt256 baseFee)
    {
        if (_dice.Chance(10))
            _anvil.Call("anvil_setCoinbase", (_dice.Chance(30) ? World.Coinbase : _world.AnyAddress(_dice)).ToString());

        bool isSet = _dice.Chance(6);
        if (isSet)
        {
            baseFee = UInt256.One << _dice.Below(40);
            _anvil.Call("anvil_setNextBlockBaseFeePerGas", baseFee.ToString());
        }
        else if (_parent.Number == 0) baseFee = _parent.BaseFeePerGas!.Value;
        else
        {
            BlockHeader parent = _parent with { ExtraData = _setup.FeeParameters };
            Assert.True(BaseFee.TryCompute(_setup.Chain, parent, parent.Timestamp + BlockTime, out baseFee));
        }

        return isSet;
    }

    /// <summary>Executes all that was sent; the block must hold exactly what we accept.</summary>
    private void Execute(JsonElement block)
    {
        var included = block.GetProperty("transactions").EnumerateArray()
            .Select(hash => Hash256.Parse(hash.GetString())).ToList();
        BlockExecutor executor = _ours.Executor;
        for (int i = 0; i < _candidates.Count; i++)
        {
            Candidate candidate = _candidates[i];
            TxError error = executor.Execute(candidate.Transaction);
            bool isIncluded = included.Contains(candidate.Transaction.Hash);
            if (isIncluded != (error == TxError.None))
                Fail("acceptance", [$"ours {error}, anvil's {isIncluded}: {_answers[i]}"], candidate);
            _tally.Add(candidate.Kind, isIncluded ? executor.Receipts[^1].Success : null);
        }

        if (!included.SequenceEqual(executor.Transactions.Select(t => t.Hash))) Fail("order of transactions", []);
    }

    private void Compare(BlockHeader header)
    {
        BlockExecutor executor = _ours.Executor;
        JsonElement[] theirs = [.. _anvil.Call("eth_getBlockReceipts", "latest").EnumerateArray()];
        for (int i = 0; i < executor.Receipts.Count; i++)
        {
            string[] lines = [.. Receipts.Differences(executor.Receipts[i], theirs[i])];
            if (lines.Length > 0 && IsWarmAfterRefusal(executor.Receipts[i], lines))
            {
                _tally.CutShortBy = $"an account left warm in block {header.Number}";
                return;
            }

            if (lines.Length > 0) Fail("receipt", lines, CandidateOf(executor.Receipts[i]));
            if (executor.Receipts[i] is { Success: true, ContractAddress: { } created }) _world.Contracts.Add(created);
        }

        BlockError error = executor.Seal(out SealedBlock? sealedBlock);
        if (error != BlockError.None) Fail($"seal: {error}", []);
        if (sealedBlock!.Header.StateRoot != header.StateRoot) CompareState(sealedBlock.Header);
        string[] fields = [.. Headers.Differences(sealedBlock, header)];
        if (fields.Length > 0) Fail("header", fields);
    }

    /// <summary>
    /// Anvil keeps accounts that were touched and are empty, against EIP-161, so that its root is another one. Without
    /// them its accounts have to give our root.
    /// </summary>
    private void CompareState(BlockHeader ours)
    {
        JsonElement accounts = _anvil.DumpAccounts();
        if (OurChain.RootOf(accounts) != ours.StateRoot) Fail("state", _ours.Differences(accounts));
    }

    /// <summary>
    /// Anvil keeps the accounts warm that a transaction loaded before it was refused: less gas in the next one.
    /// </summary>
    private bool IsWarmAfterRefusal(Receipt receipt, string[] lines)
    {
        int index = _candidates.IndexOf(CandidateOf(receipt));
        bool wasRefused = index > 0
            && !_ours.Executor.Transactions.Contains(_candidates[index - 1].Transaction);
        return wasRefused && lines.All(line => line.Contains("gas", StringComparison.Ordinal));
    }

    private Candidate CandidateOf(Receipt receipt) => _candidates.First(c => c.Transaction == receipt.Transaction);

    private void Fail(string what, IEnumerable<string> lines, Candidate? candidate = null)
    {
        var text = new StringBuilder();
        text.AppendLine($"{_setup.Name}, seed {_seed}, block {_parent.Number + 1}: {what}");
        foreach (string line in lines) text.AppendLine("  " + line);
        for (int i = 0; i < _candidates.Count; i++)
        {
            if (candidate is not null && candidate != _candidates[i]) continue;
            Transaction sent = _candidates[i].Transaction;
            text.AppendLine($"  {_candidates[i].Kind} from {sent.Sender}, {_answers[i]}: {Hex.Encode(sent.Raw.Span)}");
        }

        foreach (string line in _anvil.LastLines) text.AppendLine("  anvil: " + line);
        text.AppendLine($"  again: FRAGCAST_DIFFERENTIAL={_seed}-{_seed} dotnet test tests/Differential -c Release");
        Assert.Fail(text.ToString());
    }
}
