using System.Text;
using System.Text.Json;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;

namespace Fragcast.Execution.Tests.Trie;

/// <summary>The trie tests of ethereum/tests: expected roots of other implementations.</summary>
public class EthereumTrieTests
{
    private const string Archive = "evm/ethereum-tests.tar.gz";

    [DataFact(Archive)]
    public void RootHash_TrieTests_IsTheExpectedOne()
    {
        int cases = 0;
        foreach ((string name, byte[] content) in TestData.ReadArchive(Archive, "/TrieTests/"))
        {
            // It has no roots: it asks for the neighbours of keys, which nothing here needs (docs/conformance.md).
            if (name.EndsWith("trietestnextprev.json", StringComparison.Ordinal)) continue;
            bool isSecure = name.Contains("secure", StringComparison.OrdinalIgnoreCase);
            using var document = JsonDocument.Parse(content);
            foreach (JsonProperty test in document.RootElement.EnumerateObject())
            {
                var changes = Changes(test.Value.GetProperty("in"), isSecure).ToList();
                Hash256 expected = Hash256.Parse(test.Value.GetProperty("root").GetString());
                Check(changes, expected, name + " " + test.Name);
                cases++;
            }
        }

        Assert.InRange(cases, 20, int.MaxValue);
    }

    private static void Check(List<(byte[] Key, byte[] Value)> changes, Hash256 expected, string name)
    {
        var oneByOne = new MerkleTrie();
        var atOnce = new MerkleTrie();
        var batch = new TrieBatch();
        foreach ((byte[] key, byte[] value) in changes)
        {
            oneByOne.Set(key, value);
            batch.Set(key, value);
        }

        atOnce.Apply(batch);
        Assert.True(expected == oneByOne.RootHash(), name);
        Assert.True(expected == atOnce.RootHash(), name + " as a batch");
    }

    private static IEnumerable<(byte[] Key, byte[] Value)> Changes(JsonElement input, bool isSecure)
    {
        IEnumerable<(string, string?)> pairs = input.ValueKind == JsonValueKind.Object
            ? input.EnumerateObject().Select(pair => (pair.Name, pair.Value.GetString()))
            : input.EnumerateArray().Select(pair => (pair[0].GetString()!, pair[1].GetString()));
        foreach ((string key, string? value) in pairs)
        {
            byte[] bytes = Bytes(key);
            yield return (isSecure ? Keccak256.Hash(bytes).Bytes.ToArray() : bytes, Bytes(value ?? ""));
        }
    }

    private static byte[] Bytes(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal)
            ? Convert.FromHexString(text[2..])
            : Encoding.UTF8.GetBytes(text);
}
