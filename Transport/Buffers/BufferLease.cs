using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Fragcast.Transport.Buffers;

/// <summary>
/// The right to use a buffer of a <see cref="PinnedBufferPool"/>, or a part of it. It travels by value, for example in
/// the slot of a ring; copies and slices stand for the same right. Each holder calls <see cref="Release"/> exactly
/// once; who passes a lease to one more holder calls <see cref="Retain"/> first. After the last release the buffer is
/// somebody else's.
/// </summary>
/// <remarks>
/// A release or retain after the last release throws, because the pool counts the rounds of each buffer. What cannot be
/// seen is a holder that releases twice while others still hold: then one of those gets the exception.
/// </remarks>
public readonly unsafe struct BufferLease
{
    private readonly PinnedBufferPool? _pool;
    private readonly int _slot;
    private readonly uint _round;
    private readonly int _offset;

    internal BufferLease(PinnedBufferPool pool, int slot, uint round, int offset, int length)
    {
        _pool = pool;
        _slot = slot;
        _round = round;
        _offset = offset;
        Length = length;
    }

    /// <summary>Whether this stands for a buffer; false for the default value.</summary>
    public bool IsValid => _pool is not null;

    /// <summary>The number of bytes, from the start of this lease's part.</summary>
    public int Length { get; }

    /// <summary>The bytes. Valid until the holder releases.</summary>
    public Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Pointer, Length);
    }

    /// <summary>
    /// The bytes as memory that can be stored and sliced without allocation. Valid until the holder releases, which
    /// nothing checks afterwards: readers of slices are holders.
    /// </summary>
    public Memory<byte> Memory => Live().Memory(_slot, _offset, Length);

    /// <summary>The address of the first byte, which does not change. Valid until the holder releases.</summary>
    public byte* Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Live().Address(_slot) + _offset;
    }

    /// <summary>A part of this lease: the same right, no new holder.</summary>
    /// <param name="start">Its first byte, counted from the start of this lease.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not within this lease.</exception>
    public BufferLease Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)Length, nameof(start));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)(Length - start), nameof(length));
        return new BufferLease(Live(), _slot, _round, _offset + start, length);
    }

    /// <summary>Adds a holder, who releases too.</summary>
    /// <returns>The same lease, to be passed on.</returns>
    /// <exception cref="InvalidOperationException">The buffer has been released by its last holder.</exception>
    public BufferLease Retain()
    {
        Pool().Retain(_slot, _round);
        return this;
    }

    /// <summary>Ends one holder's right; the last release gives the buffer back to the pool.</summary>
    /// <exception cref="InvalidOperationException">The buffer has been released by its last holder.</exception>
    public void Release() => Pool().Release(_slot, _round);

    private PinnedBufferPool Pool() =>
        _pool ?? throw new InvalidOperationException("The default lease stands for no buffer.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PinnedBufferPool Live()
    {
        Debug.Assert(_pool is not null && _pool.IsHeld(_slot, _round), "A buffer is used by its holders only.");
        return _pool!;
    }
}
