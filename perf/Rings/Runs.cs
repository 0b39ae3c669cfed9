using System.Diagnostics;
using System.Threading.Channels;
using Fragcast.Primitives.Metrics;

namespace Fragcast.Perf.Rings;

/// <summary>What one run of one subject gave.</summary>
/// <param name="ElapsedNs">From the first send to the last receipt.</param>
/// <param name="AllocatedBytes">By both sides together, while they ran.</param>
/// <param name="IsCorrect">Whether count and sum of the received numbers are those of the sent ones.</param>
internal readonly record struct RunResult(double ElapsedNs, long AllocatedBytes, bool IsCorrect);

/// <summary>Counts and adds up what arrives.</summary>
internal struct SumSink : ISink
{
    public long Sum;
    public long Count;

    public void Accept(long value)
    {
        Sum += value;
        Count++;
    }
}

/// <summary>Takes the numbers for the times at which they were sent, and records their age in nanoseconds.</summary>
internal struct AgeSink(LatencyHistogram ages) : ISink
{
    public readonly void Accept(long value) => ages.Record(Clock.ToNs(Stopwatch.GetTimestamp() - value));
}

/// <summary>The conversion of the time stamp counter.</summary>
internal static class Clock
{
    private static readonly double NsPerTick = 1e9 / Stopwatch.Frequency;

    public static long ToNs(long ticks) => (long)(ticks * NsPerTick);

    public static long ToTicks(long nanoseconds) => (long)(nanoseconds / NsPerTick);
}

/// <summary>Runs pipes on two threads of their own.</summary>
internal static class PipeRun
{
    /// <summary>Sends 0 to <paramref name="count"/> - 1 as fast as it goes.</summary>
    /// <param name="pipe">An empty pipe.</param>
    /// <param name="count">How many numbers, a multiple of the batch.</param>
    /// <param name="batch">How many are sent at a time.</param>
    public static RunResult Throughput<TPipe>(TPipe pipe, int count, int batch)
        where TPipe : struct, IPipe
    {
        SumSink sink = default;
        RunResult result = Run(
            () =>
            {
                for (int first = 0; first < count; first += batch)
                    pipe.Send(first, batch);
            },
            () =>
            {
                SumSink received = default;
                for (int left = count; left > 0;)
                    left -= pipe.Receive(ref received);
                sink = received;
            });
        return result with { IsCorrect = sink.Count == count && sink.Sum == (long)count * (count - 1) / 2 };
    }

    /// <summary>
    /// Sends the current time again and again, each time after a pause in which the receiver comes to rest, so that
    /// the age of each number at its receipt is the pure latency.
    /// </summary>
    /// <param name="pipe">An empty pipe.</param>
    /// <param name="count">How many numbers.</param>
    /// <param name="gapNs">The pause in nanoseconds; the sender spins through it.</param>
    /// <param name="ages">Where to record the ages, in nanoseconds.</param>
    public static RunResult Latency<TPipe>(TPipe pipe, int count, long gapNs, LatencyHistogram ages)
        where TPipe : struct, IPipe
    {
        long before = ages.Count;
        long gapTicks = Clock.ToTicks(gapNs);
        RunResult result = Run(
            () =>
            {
                for (int i = 0; i < count; i++)
                {
                    SpinUntil(Stopwatch.GetTimestamp() + gapTicks);
                    pipe.Send(Stopwatch.GetTimestamp(), 1);
                }
            },
            () =>
            {
                AgeSink sink = new(ages);
                for (int left = count; left > 0;)
                    left -= pipe.Receive(ref sink);
            });
        return result with { IsCorrect = ages.Count - before == count };
    }

    public static void SpinUntil(long timestamp)
    {
        while (Stopwatch.GetTimestamp() < timestamp)
        {
        }
    }

    private static RunResult Run(Action send, Action receive)
    {
        // Bytes and times are taken by the threads themselves, so that their creation does not count.
        long sentBytes = 0, receivedBytes = 0, started = 0, ended = 0;
        using Barrier ready = new(2);
        Thread sender = new(() =>
        {
            ready.SignalAndWait();
            long before = GC.GetAllocatedBytesForCurrentThread();
            started = Stopwatch.GetTimestamp();
            send();
            sentBytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }) { Name = "send" };
        Thread receiver = new(() =>
        {
            ready.SignalAndWait();
            long before = GC.GetAllocatedBytesForCurrentThread();
            receive();
            ended = Stopwatch.GetTimestamp();
            receivedBytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }) { Name = "receive" };
        sender.Start();
        receiver.Start();
        sender.Join();
        receiver.Join();
        return new RunResult(Clock.ToNs(ended - started), sentBytes + receivedBytes, IsCorrect: false);
    }
}

/// <summary>
/// Runs a bounded channel in its usual way: an asynchronous method on each side, on the thread pool. Allocations are
/// those of the whole process, since the two sides change threads.
/// </summary>
internal static class AsyncChannelRun
{
    /// <inheritdoc cref="PipeRun.Throughput"/>
    public static RunResult Throughput(Channel<long> channel, int count)
    {
        SumSink sink = default;
        RunResult result = Run(() => SendNumbers(channel.Writer, count), async () =>
        {
            SumSink received = default;
            while (received.Count < count && await channel.Reader.WaitToReadAsync())
            {
                while (channel.Reader.TryRead(out long value))
                    received.Accept(value);
            }

            sink = received;
        });
        return result with { IsCorrect = sink.Count == count && sink.Sum == (long)count * (count - 1) / 2 };
    }

    /// <inheritdoc cref="PipeRun.Latency"/>
    public static RunResult Latency(Channel<long> channel, int count, long gapNs, LatencyHistogram ages)
    {
        long before = ages.Count;
        RunResult result = Run(() => SendTimes(channel.Writer, count, Clock.ToTicks(gapNs)), async () =>
        {
            AgeSink sink = new(ages);
            for (int left = count; left > 0 && await channel.Reader.WaitToReadAsync();)
            {
                for (; channel.Reader.TryRead(out long value); left--)
                    sink.Accept(value);
            }
        });
        return result with { IsCorrect = ages.Count - before == count };
    }

    private static async Task SendNumbers(ChannelWriter<long> writer, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!writer.TryWrite(i))
                await writer.WriteAsync(i);
        }
    }

    private static async Task SendTimes(ChannelWriter<long> writer, int count, long gapTicks)
    {
        for (int i = 0; i < count; i++)
        {
            PipeRun.SpinUntil(Stopwatch.GetTimestamp() + gapTicks);
            await writer.WriteAsync(Stopwatch.GetTimestamp());
        }
    }

    private static RunResult Run(Func<Task> send, Func<Task> receive)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        long started = Stopwatch.GetTimestamp();
        Task receiver = Task.Run(receive);
        Task sender = Task.Run(send);
        Task.WaitAll(sender, receiver);
        long elapsed = Stopwatch.GetTimestamp() - started;
        return new RunResult(
            Clock.ToNs(elapsed), GC.GetTotalAllocatedBytes(precise: true) - before, IsCorrect: false);
    }
}
