using System.Runtime.InteropServices;

namespace Fragcast.Transport.Rings;

/// <summary>
/// The futex system call of Linux (futex(2)), private to the process: sleep while a word has a value, wake who sleeps
/// on a word. About half the wake-up time of a monitor, and nothing is allocated.
/// </summary>
internal static unsafe partial class Futex
{
    private const int WaitPrivate = 0 | 128;
    private const int WakePrivate = 1 | 128;

    private static readonly nint CallNumber = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => 0,
    };

    /// <summary>Whether the system has this call and its number is known here.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && CallNumber != 0;

    /// <summary>
    /// Sleeps while <paramref name="word"/> is <paramref name="expected"/>, until a wake, a POSIX signal or the
    /// time-out (nanoseconds; negative: none). Callers look at their condition again whatever the reason was, so the
    /// result of the call is of no interest.
    /// </summary>
    public static void Wait(int* word, int expected, long timeoutNs)
    {
        if (timeoutNs < 0)
        {
            Call(CallNumber, word, WaitPrivate, expected, null);
            return;
        }

        TimeSpec timeout = new()
        {
            Seconds = (nint)(timeoutNs / 1_000_000_000),
            Nanoseconds = (nint)(timeoutNs % 1_000_000_000),
        };
        Call(CallNumber, word, WaitPrivate, expected, &timeout);
    }

    /// <summary>Wakes every thread that sleeps on <paramref name="word"/>.</summary>
    public static void WakeAll(int* word) => Call(CallNumber, word, WakePrivate, int.MaxValue, null);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, int* word, nint operation, nint value, TimeSpec* timeout);

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
