using System.Runtime.InteropServices;

namespace Fragcast.Execution.Evm.Decoding;

/// <summary>
/// Zeroed memory outside the managed heap, of which the system provides pages only where something is written. Given
/// back when disposed, or when nobody refers to it any more.
/// </summary>
internal sealed unsafe class ZeroedBlock : SafeHandle
{
    public ZeroedBlock(long count, int size)
        : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed((nuint)count, (nuint)size));

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The first byte.</summary>
    public void* Start => (void*)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
