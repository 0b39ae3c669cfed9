namespace Fragcast.Execution.Evm;

/// <summary>
/// The init code of a create frame, padded and analysed as <see cref="CodeEntry"/> does it, in a buffer of the
/// machine's: init code is different each time and not worth keeping.
/// </summary>
internal sealed unsafe class InitCode(FrameMemory buffers)
{
    // The padded code, and behind it the bits of its jump destinations.
    private byte[] _buffer = [];
    private int _length;
    private int _analysed;

    /// <summary>First byte of the pinned code.</summary>
    public byte* Start => First + CodeEntry.FrontPadding;

    /// <summary>As <see cref="CodeEntry.JumpDestinations"/>.</summary>
    public ulong* JumpDestinations => (ulong*)(First + BitsOffset);

    private byte* First
    {
        get
        {
            fixed (byte* first = _buffer)
            {
                // The buffer is pinned.
                return first;
            }
        }
    }

    private int BitsOffset =>
        (CodeEntry.FrontPadding + _length + CodeEntry.BackPadding + sizeof(ulong) - 1) & -sizeof(ulong);

    private Span<ulong> Bits => new(JumpDestinations, CodeAnalysis.WordsOf(_length));

    /// <summary>Gives the buffer back.</summary>
    public void Release()
    {
        buffers.Give(_buffer);
        _buffer = [];
    }

    /// <summary>Copies and pads a code; what was set before is gone.</summary>
    public void Set(ReadOnlySpan<byte> code)
    {
        _length = code.Length;
        _analysed = 0;
        int size = BitsOffset + (CodeAnalysis.WordsOf(_length) * sizeof(ulong));
        if (_buffer.Length < size)
        {
            buffers.Give(_buffer);
            _buffer = buffers.Take(size);
        }

        code.CopyTo(_buffer.AsSpan(CodeEntry.FrontPadding));
        _buffer.AsSpan(CodeEntry.FrontPadding + _length, CodeEntry.BackPadding).Clear();
        Bits.Clear();
    }

    /// <summary>As <see cref="CodeEntry.FindJumpDestination"/>.</summary>
    public bool FindJumpDestination(int offset) => CodeAnalysis.IsJumpDestination(
        new ReadOnlySpan<byte>(Start, _length), Bits, ref _analysed, offset);
}
