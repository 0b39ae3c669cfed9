using System.Text.Json;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Primitives.Tests.Transactions;

public class RealTransactionTests
{
    private const string Rise = "real-blocks/rise-7941842.json.gz";

    [SharedDataTheory("real-blocks/op-sepolia-26207960.json.gz")]
    [InlineData("26207960", 10)]
    [InlineData("26207961", 12)]
    [InlineData("26207962", 48)]
    [InlineData("26208858", 20)]
    public void TryDecode_OpSepoliaBlock_GivesTheSameBytesAgain(string block, int count)
    {
        using var json = SharedData.ReadGzipJson($"real-blocks/op-sepolia-{block}.json.gz");
        var transactions = json.RootElement.GetProperty("executing_payload").GetProperty("transactions");
        Assert.Equal(count, transactions.GetArrayLength());
        foreach (var item in transactions.EnumerateArray())
        {
            var raw = Hex.Decode(item.GetString()!);
            var tx = TestTransactions.Decode(raw);

            Assert.Equal(raw, TransactionBuilder.CopyOf(tx).Encode());
            Assert.NotNull(tx.Sender);
            Assert.True(tx.ChainId is 11155420 || tx.IsDeposit, $"chain {tx.ChainId}");
        }
    }

    [SharedDataFact(Rise)]
    public void Build_RiseBlockFromItsRpcForm_GivesTheHashesAndSenders()
    {
        using var json = SharedData.ReadGzipJson(Rise);
        var transactions = json.RootElement.GetProperty("block").GetProperty("transactions");
        Assert.Equal(571, transactions.GetArrayLength());
        foreach (var item in transactions.EnumerateArray())
        {
            var tx = FromRpc(item).Build();

            Assert.Equal(Hash256.Parse(Text(item, "hash")), tx.Hash);
            Assert.Equal(Address.Parse(Text(item, "from")), tx.Sender);
            Assert.True(tx.IsDeposit || tx.V == UInt256.Parse(Text(item, "v")));
        }
    }

    private static TransactionBuilder FromRpc(JsonElement item)
    {
        var type = (TxType)(ulong)UInt256.Parse(Text(item, "type"));
        var builder = new TransactionBuilder
        {
            Type = type,
            GasLimit = (ulong)Number(item, "gas"),
            Value = Number(item, "value"),
            To = item.GetProperty("to").ValueKind == JsonValueKind.Null ? null : Address.Parse(Text(item, "to")),
            Data = Hex.Decode(Text(item, "input")),
        };
        if (type == TxType.Deposit)
        {
            builder.SourceHash = Hash256.Parse(Text(item, "sourceHash"));
            builder.DepositFrom = Address.Parse(Text(item, "from"));
            builder.Mint = Number(item, "mint");
            return builder;
        }

        var v = Number(item, "v");
        builder.ChainId = (ulong)Number(item, "chainId");
        builder.Nonce = (ulong)Number(item, "nonce");
        builder.MaxFeePerGas = Number(item, type == TxType.Legacy ? "gasPrice" : "maxFeePerGas");
        builder.MaxPriorityFeePerGas = type == TxType.Legacy ? 0 : Number(item, "maxPriorityFeePerGas");
        builder.YParity = (byte)(type == TxType.Legacy ? (v.U0 - 35) & 1 : v.U0);
        builder.R = Number(item, "r");
        builder.S = Number(item, "s");
        return builder;
    }

    private static UInt256 Number(JsonElement item, string name) => UInt256.Parse(Text(item, name));

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;
}
