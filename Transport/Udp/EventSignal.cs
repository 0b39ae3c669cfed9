using Fragcast.Transport.Quic;
using Fragcast.Transport.Rings;
using Microsoft.Win32.SafeHandles;

namespace Fragcast.Transport.Udp;

/// <summary>
/// The sleep of an I/O thread: until a datagram arrives, somebody wakes it, or its own next deadline. Other threads
/// wake it through an eventfd, and only while it is armed, so that a busy I/O thread costs its senders no system call.
/// </summary>
/// <remarks>
/// The deadline is a timer of its own, which is set only when it has to go off earlier than it would: deadlines mostly
/// move on before they come, and setting a timer for each sleep makes the processor's own timer be set twice, which
/// in a virtual machine costs as much as the rest of a round trip.
/// </remarks>
#pragma warning disable CA1001 // Disposing would race with a thread about to wake; the handle's finalizer closes it.
internal sealed unsafe class EventSignal : WakeSignal
#pragma warning restore CA1001
{
    private const ulong Never = ulong.MaxValue;

    private readonly int _socket;
    private readonly int _event;
    private readonly int _timer;

    // Closed by its finalizer: a thread that is about to wake us holds this object, so the number cannot have become
    // another file's.
    private readonly SafeFileHandle _eventOwner;
    private readonly SafeFileHandle _timerOwner;
    private ulong _timerDueNs = Never;
    private bool _hasInput;

    public EventSignal(UdpPort port)
    {
        _socket = port.Handle;
        _event = Libc.CreateEvent();
        _timer = Libc.CreateTimer();
        _eventOwner = new SafeFileHandle(_event, ownsHandle: true);
        _timerOwner = new SafeFileHandle(_timer, ownsHandle: true);
        if (_event < 0 || _timer < 0)
        {
            throw new IOException("no eventfd or timerfd to be had: raise the limit on open files (ulimit -n)");
        }
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
        if (ns == 0)
        {
            Disarm(ticket);
            _hasInput = true;
            return;
        }

        if (ns > 0)
        {
            SetTimer(ns);
        }

        const int Count = 3;
        Libc.PollEntry* entries = stackalloc Libc.PollEntry[Count];
        entries[0] = new Libc.PollEntry { File = _socket, Events = Libc.PollIn };
        entries[1] = new Libc.PollEntry { File = _event, Events = Libc.PollIn };
        entries[2] = new Libc.PollEntry { File = _timer, Events = Libc.PollIn };
        int ready = Libc.Poll(entries, Count, null, null);
        // Awake: nobody needs to write to the eventfd any more. One who was about to leaves a count that ends the next
        // sleep early, which is harmless.
        Disarm(ticket);
        _hasInput = ready > 0 && entries[0].Returned != 0;
        if (ready > 0 && entries[1].Returned != 0)
        {
            Drain(_event);
        }

        if (ready > 0 && entries[2].Returned != 0)
        {
            Drain(_timer);
            _timerDueNs = Never;
        }
    }

    // A timer that goes off too early ends a sleep for nothing, at most once for each time it is set.
    private void SetTimer(long ns)
    {
        ulong dueNs = TransportClock.NowNs + (ulong)ns;
        if (dueNs < _timerDueNs)
        {
            _timerDueNs = dueNs;
            Libc.SetTimer(_timer, ns);
        }
    }

    private static void Drain(int file)
    {
        ulong count;
        _ = Libc.Read(file, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    protected override void WakeSleepers()
    {
        ulong one = 1;
        _ = Libc.Write(_event, &one, sizeof(ulong));
        GC.KeepAlive(_eventOwner);
    }
}
