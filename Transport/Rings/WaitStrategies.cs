using System.Runtime.CompilerServices;

namespace Fragcast.Transport.Rings;

/// <summary>
/// How a thread passes the time until a sequence moves. A type, not an object: it is given as a struct type parameter
/// where the wait happens, so each edge of the topology has its own and no call is dispatched.
/// </summary>
public interface IWaitStrategy
{
    /// <summary>Passes a short while without sleeping in the kernel.</summary>
    /// <param name="attempt">How often this wait has looked at its condition in vain, from 0.</param>
    /// <returns>False when it is time to park until somebody wakes us; the call has then not waited.</returns>
    static abstract bool Relax(int attempt);
}

/// <summary>
/// Spins on the condition: the lowest latency, one whole core. For at most one edge on a machine with two cores.
/// </summary>
public readonly struct BusySpin : IWaitStrategy
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Relax(int attempt)
    {
        Thread.SpinWait(1);
        return true;
    }
}

/// <summary>
/// Spins for about a microsecond, then offers the core to other threads between two looks; never sleeps.
/// </summary>
public readonly struct Yielding : IWaitStrategy
{
    private const int SpinsMax = 50;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Relax(int attempt)
    {
        // Unsigned, so that an attempt count that has wrapped around still yields.
        if ((uint)attempt < SpinsMax)
            Thread.SpinWait(1);
        else
            Thread.Yield();
        return true;
    }
}

/// <summary>
/// Spins for about two microseconds, then parks in the kernel. Costs no core when idle; the price is a wake-up of
/// several microseconds for the waiter and one fence per publication for the producers.
/// </summary>
public readonly struct Blocking : IWaitStrategy
{
    private const int SpinsMax = 100;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Relax(int attempt)
    {
        if ((uint)attempt >= SpinsMax)
            return false;
        Thread.SpinWait(1);
        return true;
    }
}
