namespace Fragcast.Primitives;

/// <summary>
/// Keccak-256 as Ethereum uses it: the original Keccak submission's padding (first byte 0x01), not that of FIPS 202.
/// </summary>
public static class Keccak256
{
    /// <summary>The size of a digest in bytes.</summary>
    public const int DigestSize = 32;

    /// <summary>The digest of no bytes, which is the code hash of an account without code.</summary>
    public static Hash256 EmptyString { get; } = Hash([]);

    /// <summary>The digest of <paramref name="data"/>.</summary>
    public static Hash256 Hash(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[DigestSize];
        Hash(data, digest);
        return Hash256.FromBytes(digest);
    }

    /// <summary>Writes the digest to the first 32 bytes of <paramref name="destination"/>, which may overlap the data.
    /// </summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        KeccakHasher hasher = default;
        hasher.Update(data);
        hasher.Finish(destination);
    }
}
