using System.Text.Json;
using Fragcast.Primitives.Crypto;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Primitives.Tests.Transactions;

/// <summary>
/// The transaction tests of ethereum/tests: raw bytes, and for each fork either hash and sender or an exception.
/// </summary>
public class EthereumTransactionTests
{
    private const string Archive = "evm/ethereum-tests.tar.gz";

    /// <summary>
    /// The exceptions that depend on gas prices, code size or state rules. The executor raises them; a transaction that
    /// is refused with one of these must decode and have a sender here.
    /// </summary>
    private static readonly HashSet<string> ForTheExecutor = new(StringComparer.Ordinal)
    {
        "INTRINSIC_GAS_TOO_LOW",
        "GASLIMIT_PRICE_PRODUCT_OVERFLOW",
        "INITCODE_SIZE_EXCEEDED",
        "NONCE_TOO_BIG",
        "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2",
    };

    private static readonly string[] Forks =
    [
        "Frontier", "Homestead", "EIP150", "EIP158", "Byzantium", "Constantinople", "ConstantinopleFix", "Istanbul",
        "Berlin", "London", "Paris", "Shanghai", "Cancun",
    ];

    [SharedDataFact(Archive)]
    public void TryDecode_EveryCase_IsAcceptedOrRefusedAsTheForkSays()
    {
        var (valid, invalid, executor, highS) = (0, 0, 0, 0);
        foreach (var (name, fork, raw, result) in Cases())
        {
            var exception = Exception(result);
            Transaction.TryDecode(raw, out var tx);
            var sender = tx?.Sender;
            if (exception is null && fork == "Frontier" && tx is { Sender: null })
            {
                // Before EIP-2 the upper half of s was valid; no chain this project runs on has such a transaction.
                Assert.False(Secp256k1.IsLowS(tx.S), name);
                highS++;
            }
            else if (exception is null)
            {
                Assert.True(IsOf(fork, tx), $"{name} is valid in {fork}");
                Assert.Equal(Hash256.Parse(result.GetProperty("hash").GetString()), tx!.Hash);
                Assert.Equal(Address.Parse(result.GetProperty("sender").GetString()), sender);
                Assert.Equal(raw, TransactionBuilder.CopyOf(tx).Encode());
                valid++;
            }
            else if (ForTheExecutor.Contains(exception))
            {
                Assert.True(IsOf(fork, tx) && sender is not null, $"{name} is for the executor: {exception}");
                executor++;
            }
            else
            {
                Assert.False(IsOf(fork, tx) && sender is not null, $"{name} is refused in {fork}: {exception}");
                invalid++;
            }
        }

        Assert.Equal((604, 1955, 104, 2), (valid, invalid, executor, highS));
    }

    /// <summary>What the fork allows beyond form: its types, and on the main network EIP-155 from EIP-158 on.</summary>
    private static bool IsOf(string fork, Transaction? tx)
    {
        var at = Array.IndexOf(Forks, fork);
        Assert.NotEqual(-1, at);
        return tx switch
        {
            { Type: TxType.Legacy } => tx.ChainId is null || (tx.ChainId is 1 && at >= Array.IndexOf(Forks, "EIP158")),
            { Type: TxType.AccessList } => tx.ChainId is 1 && at >= Array.IndexOf(Forks, "Berlin"),
            { Type: TxType.DynamicFee } => tx.ChainId is 1 && at >= Array.IndexOf(Forks, "London"),
            { Type: TxType.Blob } => tx.ChainId is 1 && at >= Array.IndexOf(Forks, "Cancun"),
            _ => false,
        };
    }

    private static IEnumerable<(string Name, string Fork, byte[] Raw, JsonElement Result)> Cases()
    {
        foreach (var (_, json) in SharedData.ReadTarJson(Archive, "ethereum-tests/TransactionTests/"))
        {
            using (json)
            {
                foreach (var test in json.RootElement.EnumerateObject())
                {
                    var raw = Hex.Decode(test.Value.GetProperty("txbytes").GetString()!);
                    foreach (var result in test.Value.GetProperty("result").EnumerateObject())
                    {
                        yield return (test.Name, result.Name, raw, result.Value);
                    }
                }
            }
        }
    }

    private static string? Exception(JsonElement result) =>
        result.TryGetProperty("exception", out var exception) ? exception.GetString()!.Split('.')[^1] : null;
}
