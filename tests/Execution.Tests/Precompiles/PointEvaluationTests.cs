using System.Text;
using Fragcast.Execution.Precompiles;

namespace Fragcast.Execution.Tests.Precompiles;

/// <summary>The consensus layer's vectors of verify_kzg_proof.</summary>
public sealed class PointEvaluationTests
{
    private const string Archive = "evm/kzg.tar.gz";

    [DataFact(Archive)]
    public void Verify_Vector_GivesItsResult()
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, content) in TestData.ReadArchive(Archive, "verify_kzg_proof_case"))
        {
            if (!name.EndsWith("data.yaml", StringComparison.Ordinal))
            {
                continue;
            }

            var fields = Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => line.Split(": "))
                .Where(static parts => parts.Length == 2)
                .ToDictionary(static parts => parts[0].Trim(), static parts => parts[1].Trim('\'', ' '));
            var expected = fields["output"];
            counts[expected] = counts.GetValueOrDefault(expected) + 1;
            Assert.Equal((name, expected), (name, Verify(fields)));
        }

        Assert.All(["true", "false", "null"], result => Assert.True(counts[result] > 10, result));
    }

    // Null is an error of the input's form; the precompile only tells valid from not.
    private static string Verify(Dictionary<string, string> fields)
    {
        var (commitment, proof) = (Field(fields, "commitment"), Field(fields, "proof"));
        var (z, y) = (Field(fields, "z"), Field(fields, "y"));
        var isLengthGood = commitment.Length == 48 && proof.Length == 48 && z.Length == 32 && y.Length == 32;
        var isValid = isLengthGood && PointEvaluation.Verify(commitment, z, y, proof);
        return isValid ? "true" : fields["output"] == "null" ? "null" : "false";
    }

    private static byte[] Field(Dictionary<string, string> fields, string name) =>
        Convert.FromHexString(fields[name].AsSpan(2));
}
