using System.Buffers.Binary;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Wire;

/// <summary>What a frame reader found at the front of the bytes it was given.</summary>
public enum FrameStep : byte
{
    /// <summary>All bytes are taken, no frame is complete.</summary>
    NeedMore = 0,

    /// <summary>A frame is complete; more bytes may be left.</summary>
    Frame,

    /// <summary>A frame was skipped because no buffer was free; more bytes may be left.</summary>
    Dropped,

    /// <summary>The stream breaks the framing; nothing after this can be read.</summary>
    Broken,
}

/// <summary>
/// Cuts a byte stream into length-prefixed frames. Each frame is gathered in one pooled buffer of its size; a length
/// beyond the limit breaks the stream before anything is rented for it. One thread.
/// </summary>
/// <param name="buffers">Where buffers come from.</param>
public sealed class FrameReader(MessageBuffers buffers) : IDisposable
{
    private readonly byte[] _prefix = new byte[GreetingLayout.LengthPrefix];
    private BufferLease _frame;
    private int _prefixFilled;
    private int _length;
    private int _filled;
    private bool _hasFrame;
    private bool _skipping;
    private bool _broken;

    /// <summary>Takes bytes up to the end of the next frame.</summary>
    /// <param name="data">Received bytes; advanced past what was taken.</param>
    /// <param name="frame">The complete frame without its prefix; the caller must release it.</param>
    public FrameStep Read(ref ReadOnlySpan<byte> data, out BufferLease frame)
    {
        frame = default;
        if (_broken || !ReadPrefix(ref data))
        {
            return _broken ? FrameStep.Broken : FrameStep.NeedMore;
        }

        int take = Math.Min(data.Length, _length - _filled);
        if (!_skipping)
        {
            data[..take].CopyTo(_frame.Span[_filled..]);
        }

        data = data[take..];
        _filled += take;
        if (_filled < _length)
        {
            return FrameStep.NeedMore;
        }

        FrameStep step = _skipping ? FrameStep.Dropped : FrameStep.Frame;
        frame = _frame;
        Forget();
        return step;
    }

    /// <summary>Releases the buffer of a frame that was not completed.</summary>
    public void Dispose()
    {
        if (_hasFrame)
        {
            _frame.Release();
        }

        Forget();
        _broken = true;
    }

    private bool ReadPrefix(ref ReadOnlySpan<byte> data)
    {
        if (_prefixFilled == _prefix.Length)
        {
            return true;
        }

        int take = Math.Min(data.Length, _prefix.Length - _prefixFilled);
        data[..take].CopyTo(_prefix.AsSpan(_prefixFilled));
        data = data[take..];
        _prefixFilled += take;
        if (_prefixFilled < _prefix.Length)
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_prefix);
        if (length is 0 or > EnvelopeLayout.LengthMax)
        {
            _broken = true;
            return false;
        }

        _length = (int)length;
        _hasFrame = buffers.TryRent(_length, out _frame);
        _skipping = !_hasFrame;
        return true;
    }

    private void Forget()
    {
        _frame = default;
        _prefixFilled = 0;
        _length = 0;
        _filled = 0;
        _hasFrame = false;
        _skipping = false;
    }
}
