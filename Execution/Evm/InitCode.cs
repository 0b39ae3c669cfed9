namespace Fragcast.Execution.Evm;

/// <summary>
/// The init code of a create frame, padded and analysed as <see cref="CodeEntry"/> does it, in buffers that the frame's
/// depth reuses: init code is different each time and not worth keeping.
/// </summary>
internal sealed unsafe class InitCode
{
    private byte[] _padded = [];
    private ulong[] _bits = [];

    /// <summary>First byte of the pinned code.</summary>
    public byte* Start
    {
        get
        {
            fixed (byte* padded = _padded)
            {
                return padded + CodeEntry.FrontPadding;
            }
        }
    }

    /// <summary>A bit per byte of the code, as <see cref="CodeEntry.JumpDestinations"/>.</summary>
    public ulong* JumpDestinations
    {
        get
        {
            fixed (ulong* bits = _bits)
            {
                return bits;
            }
        }
    }

    /// <summary>Lets go of the buffers if they are longer than <paramref name="keptMax"/> bytes.</summary>
    public void Release(int keptMax)
    {
        if (_padded.Length > keptMax)
        {
            _padded = [];
            _bits = [];
        }
    }

    /// <summary>Copies, pads and analyses a code; what was set before is gone.</summary>
    public void Set(ReadOnlySpan<byte> code)
    {
        var length = CodeEntry.FrontPadding + code.Length + CodeEntry.BackPadding;
        if (_padded.Length < length)
        {
            _padded = GC.AllocateArray<byte>(Math.Max(length, _padded.Length * 2), pinned: true);
            _bits = GC.AllocateArray<ulong>((_padded.Length >> 6) + 1, pinned: true);
        }

        code.CopyTo(_padded.AsSpan(CodeEntry.FrontPadding));
        _padded.AsSpan(CodeEntry.FrontPadding + code.Length, CodeEntry.BackPadding).Clear();
        var bits = _bits.AsSpan(0, (code.Length >> 6) + 1);
        bits.Clear();
        CodeAnalysis.FindJumpDestinations(code, bits);
    }
}
