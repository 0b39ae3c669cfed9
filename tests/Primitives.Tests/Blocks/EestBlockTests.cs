using System.Text.Json;
using Fragcast.Primitives.Blocks;
using Fragcast.Primitives.Rlp;
using Fragcast.Primitives.Transactions;

namespace Fragcast.Primitives.Tests.Blocks;

/// <summary>
/// The blocks of the execution-spec tests (Cancun, Prague, Osaka): headers, transactions and withdrawals decode to what
/// the test says, and encode to the same bytes.
/// </summary>
public class EestBlockTests
{
    private const string Archive = "evm/eest-blockchain-tests.tar.gz";

    [SharedDataFact(Archive)]
    public void TryDecode_EveryBlock_GivesHashesSendersAndTheSameBytesAgain()
    {
        var (blocks, transactions, withdrawals) = (0, 0, 0);
        foreach (var block in Blocks())
        {
            if (block.TryGetProperty("expectException", out _))
            {
                continue;
            }

            var parts = Parts(block);
            Assert.Equal(BlockDecodeError.None, BlockHeader.TryDecode(parts.Header, out var header));
            Assert.Equal(parts.Header, header!.Encode());
            Assert.Equal(Hash256.Parse(Text(block.GetProperty("blockHeader"), "hash")), header.Hash);
            var expected = block.GetProperty("transactions");
            Assert.Equal(expected.GetArrayLength(), parts.Transactions.Count);
            for (var i = 0; i < parts.Transactions.Count; i++)
            {
                Assert.Equal(TxDecodeError.None, Transaction.TryDecode(parts.Transactions[i], out var tx));
                Assert.Equal(parts.Transactions[i], TransactionBuilder.CopyOf(tx!).Encode());
                Assert.Equal(Address.Parse(Text(expected[i], "sender")), tx!.Sender);
                transactions++;
            }

            foreach (var rlp in parts.Withdrawals)
            {
                Assert.Equal(BlockDecodeError.None, Withdrawal.TryDecode(rlp, out var withdrawal));
                Assert.Equal(rlp, withdrawal.Encode());
                withdrawals++;
            }

            blocks++;
        }

        Assert.Equal((1773, 2075), (blocks, transactions));
        Assert.NotEqual(0, withdrawals);
    }

    [SharedDataFact(Archive)]
    public void TryDecode_TransactionsThatNoBlockMayHold_SaysWhy()
    {
        var seen = new Dictionary<TxDecodeError, int>();
        foreach (var block in Blocks())
        {
            if (!block.TryGetProperty("expectException", out var exception))
            {
                continue;
            }

            var name = exception.GetString()!;
            TxDecodeError? expected = name.Contains("FULL_BLOBS", StringComparison.Ordinal) ? TxDecodeError.BlobSidecar
                : name.Contains("CONTRACT_CREATION", StringComparison.Ordinal) ? TxDecodeError.MissingTo
                : null;
            if (expected is { } error)
            {
                Assert.Contains(Parts(block).Transactions, raw => Transaction.TryDecode(raw, out _) == error);
                seen[error] = seen.GetValueOrDefault(error) + 1;
            }
        }

        Assert.Equal((9, 3), (seen[TxDecodeError.BlobSidecar], seen[TxDecodeError.MissingTo]));
    }

    private static IEnumerable<JsonElement> Blocks()
    {
        foreach (var (_, json) in SharedData.ReadTarJson(Archive, "eest/blockchain_tests/"))
        {
            using (json)
            {
                foreach (var test in json.RootElement.EnumerateObject())
                {
                    foreach (var block in test.Value.GetProperty("blocks").EnumerateArray())
                    {
                        yield return block;
                    }
                }
            }
        }
    }

    /// <summary>Header, transactions as EIP-2718 bytes, and withdrawals of a block's RLP.</summary>
    private static (byte[] Header, List<byte[]> Transactions, List<byte[]> Withdrawals) Parts(JsonElement block)
    {
        var outer = new RlpReader(Hex.Decode(Text(block, "rlp")));
        Assert.True(outer.TryReadList(out var parts));
        Assert.True(parts.TryReadItem(out var header));
        Assert.True(parts.TryReadList(out var transactionList));
        Assert.True(parts.TryReadList(out _));
        Assert.True(parts.TryReadList(out var withdrawalList));
        List<byte[]> transactions = [];
        while (!transactionList.IsAtEnd)
        {
            // Legacy transactions stand in a block as lists, typed ones as strings.
            Assert.True(transactionList.IsNextList
                ? transactionList.TryReadItem(out var raw)
                : transactionList.TryReadBytes(out raw));
            transactions.Add(raw.ToArray());
        }

        List<byte[]> withdrawals = [];
        while (withdrawalList.TryReadItem(out var item))
        {
            withdrawals.Add(item.ToArray());
        }

        return (header.ToArray(), transactions, withdrawals);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
