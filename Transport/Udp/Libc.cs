using System.Runtime.InteropServices;

namespace Fragcast.Transport.Udp;

/// <summary>The Linux system calls of the I/O thread, and their structs and numbers (x86-64 and arm64 alike).</summary>
internal static unsafe class Libc
{
    public const int MessageDontWait = 0x40;
    public const short PollIn = 1;
    public const short PollOut = 4;

    public const int ErrorInterrupted = 4;
    public const int ErrorIo = 5;
    public const int ErrorAgain = 11;
    public const int ErrorInvalid = 22;
    public const int ErrorNoBuffers = 105;

    public const int LevelIp = 0;
    public const int LevelSocket = 1;
    public const int LevelUdp = 17;
    public const int LevelIpv6 = 41;
    public const int SendBufferForce = 32;
    public const int ReceiveBufferForce = 33;
    public const int IpMtuDiscover = 10;
    public const int Ipv6MtuDiscover = 23;
    public const int MtuDiscoverProbe = 3;
    public const int IpTos = 1;
    public const int IpReceiveTos = 13;
    public const int Ipv6ReceiveTrafficClass = 66;
    public const int Ipv6TrafficClass = 67;
    public const int UdpSegment = 103;
    public const int UdpGro = 104;

    private const int MonotonicClock = 1;
    private const int EventNonBlocking = 0x800;
    private const int EventCloseOnExec = 0x80000;

    [DllImport("libc", EntryPoint = "recvfrom")]
    public static extern nint ReceiveFrom(
        int socket, void* buffer, nuint length, int flags, void* address, uint* addressLength);

    [DllImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static extern nint SendTo(
        int socket, void* buffer, nuint length, int flags, void* address, uint addressLength);

    [DllImport("libc", EntryPoint = "recvmmsg")]
    public static extern int ReceiveMessages(int socket, Message* messages, uint count, int flags, void* timeout);

    [DllImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static extern int SendMessages(int socket, Message* messages, uint count, int flags);

    [DllImport("libc", EntryPoint = "setsockopt")]
    public static extern int SetOption(int socket, int level, int name, void* value, uint length);

    [DllImport("libc", EntryPoint = "getsockopt")]
    public static extern int GetOption(int socket, int level, int name, void* value, uint* length);

    [DllImport("libc", EntryPoint = "ppoll")]
    public static extern int Poll(PollEntry* entries, nuint count, TimeSpec* timeout, void* signalMask);

    [DllImport("libc", EntryPoint = "read")]
    public static extern nint Read(int file, void* buffer, nuint length);

    [DllImport("libc", EntryPoint = "write")]
    public static extern nint Write(int file, void* buffer, nuint length);

    [DllImport("libc", EntryPoint = "close")]
    public static extern int Close(int file);

    /// <summary>A counter in the kernel that can be polled; -1 if there is none to be had.</summary>
    public static int CreateEvent() => EventFd(0, EventNonBlocking | EventCloseOnExec);

    /// <summary>A timer in the kernel that can be polled; -1 if there is none to be had.</summary>
    public static int CreateTimer() => TimerFd(MonotonicClock, EventNonBlocking | EventCloseOnExec);

    /// <summary>Has a timer go off once, in so many nanoseconds; 1 at least.</summary>
    public static void SetTimer(int timer, long ns)
    {
        // struct itimerspec: no interval.
        TimeSpec* times = stackalloc TimeSpec[2];
        times[0] = default;
        times[1] = TimeSpec.FromNanoseconds(ns);
        _ = TimerFdSetTime(timer, 0, times, null);
    }

    /// <summary>Sets an integer socket option; true if the kernel took it.</summary>
    public static bool TrySetOption(int socket, int level, int name, int value) =>
        SetOption(socket, level, name, &value, sizeof(int)) == 0;

    [DllImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static extern int EventFd(uint initial, int flags);

    [DllImport("libc", EntryPoint = "timerfd_create")]
    private static extern int TimerFd(int clock, int flags);

    [DllImport("libc", EntryPoint = "timerfd_settime")]
    private static extern int TimerFdSetTime(int timer, int flags, TimeSpec* value, TimeSpec* old);

    /// <summary>struct iovec.</summary>
    internal struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr: struct msghdr and the length received or sent.</summary>
    [StructLayout(LayoutKind.Explicit)]
    internal struct Message
    {
        [FieldOffset(0)]
        public void* Name;

        [FieldOffset(8)]
        public uint NameLength;

        [FieldOffset(16)]
        public IoVector* Vectors;

        [FieldOffset(24)]
        public nuint VectorCount;

        [FieldOffset(32)]
        public void* Control;

        [FieldOffset(40)]
        public nuint ControlLength;

        [FieldOffset(48)]
        public int Flags;

        [FieldOffset(56)]
        public uint Length;
    }

    /// <summary>struct cmsghdr with the value of one offload option behind it, in 24 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 24)]
    internal struct SegmentControl
    {
        /// <summary>The head and a 16-bit value, as UDP_SEGMENT takes it.</summary>
        public const int SendLength = 18;

        [FieldOffset(0)]
        public nuint Length;

        [FieldOffset(8)]
        public int Level;

        [FieldOffset(12)]
        public int Type;

        [FieldOffset(16)]
        public ushort SendSize;

        [FieldOffset(16)]
        public int ReceiveSize;
    }

    /// <summary>struct cmsghdr: the head of a control message; its value follows.</summary>
    internal struct ControlHead
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    /// <summary>struct pollfd.</summary>
    internal struct PollEntry
    {
        public int File;
        public short Events;
        public short Returned;
    }

    /// <summary>struct timespec.</summary>
    internal struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;

        public static TimeSpec FromNanoseconds(long ns) =>
            new() { Seconds = ns / 1_000_000_000, Nanoseconds = ns % 1_000_000_000 };
    }
}
