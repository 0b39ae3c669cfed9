namespace Fragcast.Execution.Precompiles;

/// <summary>A pinned buffer that takes the output of one precompile after the other.</summary>
internal sealed unsafe class PrecompileOutput
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(256, pinned: true);

    /// <summary>Length of the output in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>The output.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>First byte of the output; valid until the next <see cref="Resize"/>.</summary>
    public byte* Start
    {
        get
        {
            fixed (byte* first = _bytes)
            {
                // The array lives on the pinned object heap.
                return first;
            }
        }
    }

    /// <summary>Sets the length and gives the buffer to fill, with undefined content.</summary>
    public Span<byte> Resize(int length)
    {
        if (length > _bytes.Length)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(Math.Max(length, _bytes.Length * 2), pinned: true);
        }

        Length = length;
        return _bytes.AsSpan(0, length);
    }
}
