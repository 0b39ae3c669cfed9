using System.Text.Json;
using Fragcast.Primitives;

namespace Fragcast.Schedule.Sources;

/// <summary>What a registry's answer is.</summary>
public enum RegistryVerdict : byte
{
    /// <summary>It names a leader.</summary>
    Good = 0,

    /// <summary>The registry answered with an error: it does not know, or does not work.</summary>
    Error,

    /// <summary>It has not the form that it must have, or names a block that cannot be.</summary>
    Malformed,
}

/// <summary>
/// A registry's answer to <c>registry_currentGateway</c> or <c>registry_futureGateway</c>: a JSON-RPC response whose
/// result is <c>[blockNumber, url, address, jwtSecret]</c>. All four are checked; the URL and the secret are for other
/// users of the registry and are not kept.
/// </summary>
/// <param name="Block">The block.</param>
/// <param name="Leader">The address whose key signs it.</param>
public readonly record struct RegistryAnswer(ulong Block, Address Leader)
{
    /// <summary>Longest answer in bytes.</summary>
    public const int LengthMax = 16 * 1024;

    private const int Fields = 4;

    /// <summary>Reads an answer. Any bytes give a verdict.</summary>
    /// <param name="body">The JSON-RPC response.</param>
    /// <param name="answer">The answer, if it is good.</param>
    /// <param name="problem">What is wrong, in one line and without the secret; null if it is good.</param>
    public static RegistryVerdict TryParse(
        ReadOnlyMemory<byte> body, out RegistryAnswer answer, out string? problem)
    {
        answer = default;
        if (body.Length > LengthMax)
        {
            problem = $"an answer of {body.Length} bytes";
            return RegistryVerdict.Malformed;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return Read(document.RootElement, out answer, out problem);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string with a lone surrogate. Its text could quote the answer, so it is
            // left out.
            problem = "an answer that is not JSON";
            return RegistryVerdict.Malformed;
        }
    }

    private static RegistryVerdict Read(JsonElement root, out RegistryAnswer answer, out string? problem)
    {
        answer = default;
        if (root.ValueKind != JsonValueKind.Object)
        {
            problem = "an answer that is not JSON-RPC";
            return RegistryVerdict.Malformed;
        }

        if (root.TryGetProperty("error", out JsonElement error) && error.ValueKind != JsonValueKind.Null)
        {
            problem = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out JsonElement code)
                && code.ValueKind == JsonValueKind.Number && code.TryGetInt64(out long number)
                ? $"error {number}"
                : "an error";
            return RegistryVerdict.Error;
        }

        if (!root.TryGetProperty("result", out JsonElement result) || result.ValueKind != JsonValueKind.Array
            || result.GetArrayLength() != Fields)
        {
            problem = "an answer whose result is not [blockNumber, url, address, jwtSecret]";
            return RegistryVerdict.Malformed;
        }

        problem = Wrong(result, out answer);
        return problem is null ? RegistryVerdict.Good : RegistryVerdict.Malformed;
    }

    private static string? Wrong(JsonElement result, out RegistryAnswer answer)
    {
        answer = default;
        if (result[0].ValueKind != JsonValueKind.Number || !result[0].TryGetUInt64(out ulong block))
        {
            return "an answer whose block number is no number";
        }

        if (!Uri.TryCreate(Text(result[1]), UriKind.Absolute, out Uri? url)
            || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            return "an answer whose URL is no URL of HTTP";
        }

        if (!Address.TryParse(Text(result[2]), out Address leader) || leader.IsZero)
        {
            return "an answer whose address is no address";
        }

        if (!Hash256.TryParse(Text(result[3]), out _))
        {
            return "an answer whose secret has not 32 bytes";
        }

        answer = new RegistryAnswer(block, leader);
        return null;
    }

    private static string Text(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
}
