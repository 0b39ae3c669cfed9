namespace Fragcast.Primitives;

/// <summary>
/// Keccak-256 as Ethereum uses it: the original Keccak submission's padding (first byte 0x01), not that of FIPS 202.
/// Nothing is allocated.
/// </summary>
public static class Keccak256
{
    /// <summary>The size of a digest in bytes.</summary>
    public const int DigestSize = Hash256.Size;

    /// <summary>The digest of no bytes, which is the code hash of an account without code.</summary>
    public static Hash256 EmptyString { get; } = Hash([]);

    /// <summary>The digest of <paramref name="data"/>.</summary>
    public static Hash256 Hash(ReadOnlySpan<byte> data)
    {
        if (KeccakAvx512.IsSupported) return KeccakAvx512.Hash(data);
        KeccakState state = default;
        if (data.Length >= KeccakState.Rate)
        {
            state.Absorb(data);
            data = data[(data.Length - (data.Length % KeccakState.Rate))..];
        }

        state.AbsorbLast(data);
        return state.Digest;
    }

    /// <summary>Writes the digest to the first 32 bytes of <paramref name="destination"/>, which may overlap the data.
    /// </summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> destination) => Hash(data).CopyTo(destination);
}
