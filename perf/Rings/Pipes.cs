using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Fragcast.Transport.Rings;

namespace Fragcast.Perf.Rings;

/// <summary>
/// What happens to a number at the end of a pipe; a struct, so that the receiving loop calls it directly.
/// </summary>
internal interface ISink
{
    void Accept(long value);
}

/// <summary>
/// A way of numbers from one thread to another. One thread sends, one receives. Implemented by structs around the
/// thing that is measured, so that the loops of the benchmark add the same few instructions to each.
/// </summary>
internal interface IPipe
{
    /// <summary>Sends <paramref name="count"/> consecutive numbers, together where the pipe can.</summary>
    void Send(long first, int count);

    /// <summary>Waits for at least one number and gives the sink all that are there.</summary>
    /// <returns>How many there were.</returns>
    int Receive<TSink>(ref TSink sink)
        where TSink : struct, ISink;
}

/// <summary>The ring, with the same wait strategy on both sides.</summary>
internal readonly struct RingPipe<TWait>(RingBuffer<long> ring, RingReader<long> reader) : IPipe
    where TWait : struct, IWaitStrategy
{
    public static RingPipe<TWait> Create(int size, ProducerKind producers = ProducerKind.Single)
    {
        RingBuffer<long> ring = new(size, producers);
        return new RingPipe<TWait>(ring, ring.NewReader());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Send(long first, int count)
    {
        long high = ring.Next<TWait>(count);
        long low = high - count + 1;
        for (int i = 0; i < count; i++)
            ring[low + i] = first + i;
        ring.Publish(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Receive<TSink>(ref TSink sink)
        where TSink : struct, ISink
    {
        // Half of the ring, as BatchConsumer does.
        reader.WaitRead<TWait>(ring.Size / 2, out long low, out long high);
        for (long sequence = low; sequence <= high; sequence++)
            sink.Accept(ring[sequence]);
        reader.Release(high);
        return (int)(high - low + 1);
    }
}

/// <summary>
/// A bounded channel used without its asynchronous side: both threads try again until it works. The fastest use of it.
/// </summary>
internal readonly struct PolledChannelPipe<TWait>(Channel<long> channel) : IPipe
    where TWait : struct, IWaitStrategy
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Send(long first, int count)
    {
        for (int i = 0; i < count; i++)
        {
            for (int attempt = 0; !channel.Writer.TryWrite(first + i); attempt++)
                TWait.Relax(attempt);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Receive<TSink>(ref TSink sink)
        where TSink : struct, ISink
    {
        long value;
        for (int attempt = 0; !channel.Reader.TryRead(out value); attempt++)
            TWait.Relax(attempt);
        sink.Accept(value);
        return 1;
    }
}

/// <summary>
/// The raw limit: the numbers and a word that says whose turn it is, next to each other, and nothing else. A single
/// number and the word share one cache line, which two threads bounce between their cores.
/// </summary>
internal readonly struct BouncePipe : IPipe
{
    /// <summary>The most numbers that a bounce carries.</summary>
    public const int BatchMax = 16;

    // The word is 0 when the sender may write, else the count of numbers that the receiver may read. It starts a line;
    // padding keeps the heap's neighbours away.
    private const int Turn = CacheLine.Size / sizeof(long);

    private readonly long[] _cells;
    private readonly int _start;

    public unsafe BouncePipe()
    {
        _cells = GC.AllocateArray<long>((4 * Turn) + BatchMax, pinned: true);
        nint address = (nint)Unsafe.AsPointer(ref _cells[Turn]);
        _start = Turn + (int)((-address & (CacheLine.Size - 1)) / sizeof(long));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Send(long first, int count)
    {
        ref long turn = ref _cells[_start];
        // Acquire: our writes stay behind the receiver's last reads.
        while (Volatile.Read(ref turn) != 0)
        {
        }

        for (int i = 0; i < count; i++)
            Unsafe.Add(ref turn, 1 + i) = first + i;
        // Release: the numbers are visible before the turn changes.
        Volatile.Write(ref turn, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Receive<TSink>(ref TSink sink)
        where TSink : struct, ISink
    {
        ref long turn = ref _cells[_start];
        long count;
        // Acquire: the numbers are read after the turn.
        while ((count = Volatile.Read(ref turn)) == 0)
        {
        }

        for (int i = 0; i < count; i++)
            sink.Accept(Unsafe.Add(ref turn, 1 + i));
        // Release: the numbers are read before the sender may overwrite them.
        Volatile.Write(ref turn, 0);
        return (int)count;
    }
}
