using System.Runtime.InteropServices;

namespace Fragcast.Transport.Rings;

/// <summary>Ties the calling thread to one core (sched_setaffinity(2)).</summary>
internal static unsafe partial class ThreadAffinity
{
    // The kernel's mask has as many bits as the machine may have cores; 1024 is the C library's own size.
    private const int MaskBytes = 1024 / 8;

    /// <summary>Runs the calling thread on <paramref name="cpu"/> only, from now on.</summary>
    /// <returns>False where the system has no such call, or refuses: no such core, or not ours to use.</returns>
    public static bool TryPin(int cpu)
    {
        if (!OperatingSystem.IsLinux() || cpu is < 0 or >= MaskBytes * 8)
            return false;
        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        mask[cpu / 8] = (byte)(1 << (cpu % 8));
        return SetAffinity(0, MaskBytes, mask) == 0;
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int threadId, nuint maskBytes, byte* mask);
}
