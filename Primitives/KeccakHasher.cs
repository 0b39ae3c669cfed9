using System.Runtime.CompilerServices;

namespace Fragcast.Primitives;

/// <summary>
/// Keccak-256 over data that comes in pieces. The default value is ready for use; a copy continues on its own.
/// After <see cref="Finish(Span{byte})"/> it is in its initial state again.
/// </summary>
public struct KeccakHasher
{
    private KeccakState _state;
    private PartialBlock _partial;
    private int _filled;

    /// <summary>Absorbs further bytes.</summary>
    public void Update(ReadOnlySpan<byte> data)
    {
        if (_filled > 0)
        {
            int take = Math.Min(data.Length, KeccakState.Rate - _filled);
            data[..take].CopyTo(_partial[_filled..]);
            _filled += take;
            data = data[take..];
            if (_filled < KeccakState.Rate) return;
            _state.Absorb(_partial);
        }

        _state.Absorb(data);
        _filled = data.Length % KeccakState.Rate;
        data[^_filled..].CopyTo(_partial);
    }

    /// <summary>Writes the 32-byte digest of all that was absorbed, and starts over.</summary>
    public void Finish(Span<byte> destination) => Finish().CopyTo(destination);

    /// <summary>The digest of all that was absorbed; the hasher starts over.</summary>
    public Hash256 Finish()
    {
        _state.AbsorbLast(_partial[.._filled]);
        Hash256 digest = _state.Digest;
        _state = default;
        _filled = 0;
        return digest;
    }

    [InlineArray(KeccakState.Rate)]
    private struct PartialBlock
    {
        private byte _first;
    }
}
