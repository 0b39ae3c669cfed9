namespace Fragcast.Primitives;

/// <summary>
/// Keccak-256 over data that comes in pieces. The default value is ready for use; a copy continues on its own.
/// After <see cref="Finish(Span{byte})"/> it is in its initial state again.
/// </summary>
public struct KeccakHasher
{
    private KeccakState _state;
    private int _filled;

    /// <summary>Absorbs further bytes.</summary>
    public void Update(ReadOnlySpan<byte> data)
    {
        Span<byte> block = _state.Bytes[..KeccakState.Rate];
        while (!data.IsEmpty)
        {
            int take = Math.Min(data.Length, KeccakState.Rate - _filled);
            Span<byte> target = block.Slice(_filled, take);
            for (int i = 0; i < take; i++) target[i] ^= data[i];
            _filled += take;
            data = data[take..];
            if (_filled == KeccakState.Rate)
            {
                _state.Permute();
                _filled = 0;
            }
        }
    }

    /// <summary>Writes the 32-byte digest of all that was absorbed, and starts over.</summary>
    public void Finish(Span<byte> destination)
    {
        Span<byte> block = _state.Bytes;
        block[_filled] ^= 0x01;
        block[KeccakState.Rate - 1] ^= 0x80;
        _state.Permute();
        block[..Keccak256.DigestSize].CopyTo(destination);
        this = default;
    }

    /// <summary>The digest of all that was absorbed; the hasher starts over.</summary>
    public Hash256 Finish()
    {
        Span<byte> digest = stackalloc byte[Keccak256.DigestSize];
        Finish(digest);
        return Hash256.FromBytes(digest);
    }
}
