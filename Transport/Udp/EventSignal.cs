using Fragcast.Transport.Rings;
using Microsoft.Win32.SafeHandles;

namespace Fragcast.Transport.Udp;

/// <summary>
/// The sleep of an I/O thread: until a datagram arrives, somebody wakes it, or its own next deadline. Other threads
/// wake it through an eventfd, and only while it is armed, so that a busy I/O thread costs its senders no system call.
/// </summary>
#pragma warning disable CA1001 // Disposing would race with a thread about to wake; the handle's finalizer closes it.
internal sealed unsafe class EventSignal : WakeSignal
#pragma warning restore CA1001
{
    private readonly int _socket;
    private readonly int _event;

    // Closed by its finalizer: a thread that is about to wake us holds this object, so the number cannot have become
    // another file's.
    private readonly SafeFileHandle _eventOwner;
    private bool _hasInput;

    public EventSignal(UdpPort port)
    {
        _socket = port.Handle;
        _event = Libc.CreateEvent();
        if (_event < 0)
        {
            throw new IOException("no eventfd to be had: raise the limit on open files (ulimit -n)");
        }

        _eventOwner = new SafeFileHandle(_event, ownsHandle: true);
    }

    /// <summary>How long the next <see cref="Wait"/> may last, in nanoseconds; set by the waiter.</summary>
    public long NextTimeoutNs { get; set; } = InfiniteNs;

    /// <summary>Whether the socket had something to read when the last sleep ended; true once per sleep.</summary>
    public bool TakeInput()
    {
        bool had = _hasInput;
        _hasInput = false;
        return had;
    }

    /// <inheritdoc/>
    public override void Wait(int ticket, long timeoutNs)
    {
        long ns = NextTimeoutNs < 0 || (timeoutNs >= 0 && timeoutNs < NextTimeoutNs) ? timeoutNs : NextTimeoutNs;
        Libc.PollEntry* entries = stackalloc Libc.PollEntry[2];
        entries[0] = new Libc.PollEntry { File = _socket, Events = Libc.PollIn };
        entries[1] = new Libc.PollEntry { File = _event, Events = Libc.PollIn };
        var timeout = Libc.TimeSpec.FromNanoseconds(Math.Max(ns, 0));
        int ready = Libc.Poll(entries, 2, ns < 0 ? null : &timeout, null);
        // Awake: nobody needs to write to the eventfd any more. One who was about to leaves a count that ends the next
        // sleep early, which is harmless.
        Disarm(ticket);
        _hasInput = ready > 0 && entries[0].Returned != 0;
        if (ready > 0 && entries[1].Returned != 0)
        {
            ulong count;
            _ = Libc.Read(_event, &count, sizeof(ulong));
        }
    }

    /// <inheritdoc/>
    protected override void WakeSleepers()
    {
        ulong one = 1;
        _ = Libc.Write(_event, &one, sizeof(ulong));
        GC.KeepAlive(_eventOwner);
    }
}
