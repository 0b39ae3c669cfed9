using System.Runtime.InteropServices;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>
/// Zeroed memory for all that a machine has decoded, cut from one range of addresses outside the managed heap: asking
/// the system for each code would take longer than decoding a short one. The system provides pages only where
/// something is written. Given back when nobody refers to it any more. One thread.
/// </summary>
internal sealed unsafe class DecodedMemory : SafeHandle
{
    // Twice what is decoded before all of it is forgotten, since a single execution may pass that bound.
    private const long Capacity = 2 * Decoder.SizeMax;

    private long _used;

    public DecodedMemory()
        : base(0, ownsHandle: true) => Allocate();

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Bytes that were taken.</summary>
    public long Used => _used;

    /// <summary>The first byte.</summary>
    public byte* Start => (byte*)handle;

    /// <summary>Takes so many bytes, aligned as an operation; null when there are no more.</summary>
    public void* Take(long size)
    {
        long rounded = (size + sizeof(Op) - 1) & -sizeof(Op);
        if (rounded > Capacity - _used) return null;
        byte* taken = Start + _used;
        _used += rounded;
        return taken;
    }

    /// <summary>Takes everything back.</summary>
    public void Clear()
    {
        ReleaseHandle();
        Allocate();
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        SetHandle(0);
        return true;
    }

    private void Allocate()
    {
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)Capacity));
        _used = 0;
    }
}
