using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Fragcast.Primitives.Tests.Rlp;

/// <summary>All cases of RLPTests in the public ethereum/tests.</summary>
public sealed class EthereumRlpTests
{
    private const string Archive = "evm/ethereum-tests.tar.gz";

    [SharedDataFact(Archive)]
    public void PublicTests_EveryCase_IsDecodedOrRefused()
    {
        int valid = 0;
        int invalid = 0;
        int encoded = 0;
        foreach ((string file, JsonDocument json) in SharedData.ReadTarJson(Archive, "ethereum-tests/RLPTests/"))
        {
            using (json)
            {
                foreach (JsonProperty test in json.RootElement.EnumerateObject())
                {
                    string name = $"{file}: {test.Name}";
                    byte[] bytes = Hex.Decode(test.Value.GetProperty("out").GetString()!);
                    JsonElement input = test.Value.GetProperty("in");
                    RlpTree? tree = RlpTree.Decode(bytes);
                    if (input.ValueKind == JsonValueKind.String && input.GetString() == "INVALID")
                    {
                        Assert.True(tree is null, name);
                        invalid++;
                        continue;
                    }

                    Assert.True(tree is not null, name);
                    Assert.True(tree.Encode().AsSpan().SequenceEqual(bytes), name);
                    valid++;
                    if (input.ValueKind == JsonValueKind.String && input.GetString() == "VALID") continue;
                    Assert.True(FromJson(input).Encode().AsSpan().SequenceEqual(bytes), name);
                    encoded++;
                }
            }
        }

        // The archive's own numbers, so that a case that is not found is noticed.
        Assert.Equal((29, 26, 28), (valid, invalid, encoded));
    }

    /// <summary>Strings are their bytes, <c>#</c> and numbers are integers.</summary>
    private static RlpTree FromJson(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array) return RlpTree.Of([.. json.EnumerateArray().Select(FromJson)]);
        string text = json.ValueKind == JsonValueKind.Number ? "#" + json.GetRawText() : json.GetString()!;
        if (!text.StartsWith('#')) return RlpTree.Of(Encoding.Latin1.GetBytes(text));
        BigInteger number = BigInteger.Parse(text.AsSpan(1), CultureInfo.InvariantCulture);
        return RlpTree.Of(number.IsZero ? [] : number.ToByteArray(isUnsigned: true, isBigEndian: true));
    }
}
