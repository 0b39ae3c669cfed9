using Fragcast.Transport.Rings;

namespace Fragcast.Transport.Tests.Rings;

public sealed class StageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Start_WorkPolled_RunsOnItsNamedThreadUntilStopped()
    {
        Work work = new();
        Stage stage = Stage.Start<Yielding>("polled", work);
        TestThread.Until(() => work.Calls > 10);
        stage.Stop();
        Assert.True(stage.Join(Patience));
        Assert.Equal("polled", work.ThreadName);
        Assert.Equal(1, work.Stops);
        Assert.Null(stage.Fault);
    }

    [Fact]
    public void Stop_StageAsleep_WakesAndEndsIt()
    {
        Work work = new();
        Stage stage = Stage.Start<ParkingRingFlowTests.ParkAtOnce>("asleep", work);
        TestThread.Until(() => work.Calls >= 2);
        stage.Stop();
        Assert.True(stage.Join(Patience));
        Assert.Equal(1, work.Stops);
    }

    [Fact]
    public void Start_TwoRings_SleepsWakesForEitherAndEndsWhenBothAreDrained()
    {
        RingBuffer<int> left = new(4, ProducerKind.Single);
        RingBuffer<int> right = new(4, ProducerKind.Multi);
        ParkingSignal signal = new();
        TwoRings work = new(left.NewReader(), right.NewReader(), signal);
        Stage stage = Stage.Start<ParkingRingFlowTests.ParkAtOnce>("two", work, new StageOptions { Signal = signal });
        for (int i = 0; i < 2000; i++)
        {
            RingBuffer<int> ring = i % 3 == 0 ? left : right;
            ring.Publish(ring.Next());
            int published = i + 1;
            if (i % 7 == 0)
                TestThread.Until(() => work.Handled == published);
        }

        left.Close();
        right.Close();
        Assert.True(stage.Join(Patience));
        Assert.Equal(2000, work.Handled);
        Assert.Null(stage.Fault);
    }

    [Fact]
    public void Start_IdleMaxGiven_ComesBackWithoutBeingWoken()
    {
        Work work = new();
        Stage stage = Stage.Start<ParkingRingFlowTests.ParkAtOnce>(
            "timer", work, new StageOptions { IdleMaxNs = 1_000_000 });
        TestThread.Until(() => work.Calls > 20);
        stage.Stop();
        Assert.True(stage.Join(Patience));
    }

    [Fact]
    public void Start_WorkThrows_StopsRecordsAndTells()
    {
        FormatException error = new();
        Work work = new() { Error = error };
        Exception? told = null;
        int stopsWhenTold = 0;
        Stage stage = Stage.Start<Yielding>("faulty", work, new StageOptions
        {
            OnFault = (_, fault) => (told, stopsWhenTold) = (fault, work.Stops),
        });
        Assert.True(stage.Join(Patience));
        Assert.Same(error, stage.Fault);
        Assert.Same(error, told);
        Assert.Equal(1, stopsWhenTold);
    }

    [Fact]
    public void Start_WorkFindsItsOutputClosed_EndsInGoodOrder()
    {
        Work work = new() { Error = new RingClosedException() };
        Stage stage = Stage.Start<Yielding>("closed", work);
        Assert.True(stage.Join(Patience));
        Assert.Null(stage.Fault);
        Assert.Equal(1, work.Stops);
    }

    [Fact]
    public void Start_CpuGiven_RunsOnThatCore()
    {
        if (!OperatingSystem.IsLinux())
            return;
        Work work = new();
        Stage stage = Stage.Start<Yielding>("pinned", work, new StageOptions { Cpu = 0 });
        TestThread.Until(() => work.Calls > 10);
        bool isPinned = stage.IsPinned;
        stage.Stop();
        Assert.True(stage.Join(Patience));
        Assert.True(isPinned);
        Assert.Equal(0, work.Core);
    }

    [Fact]
    public void Start_CoreThatDoesNotExist_RunsUnpinned()
    {
        Work work = new();
        Stage stage = Stage.Start<Yielding>("unpinned", work, new StageOptions { Cpu = 1023 });
        TestThread.Until(() => work.Calls > 0);
        stage.Stop();
        Assert.True(stage.Join(Patience));
        Assert.False(stage.IsPinned);
    }

    private sealed class Work : IStageWork
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public int Stops { get; private set; }

        public int Core { get; private set; }

        public string? ThreadName { get; private set; }

        public Exception? Error { get; init; }

        public bool IsEnded => false;

        public int DoWork()
        {
            if (Error is not null)
                throw Error;
            ThreadName = Thread.CurrentThread.Name;
            Core = Thread.GetCurrentProcessorId();
            Volatile.Write(ref _calls, _calls + 1);
            return 0;
        }

        public void OnStop() => Stops++;
    }

    private sealed class TwoRings : IStageWork
    {
        private readonly RingReader<int>[] _readers;
        private int _handled;

        public TwoRings(RingReader<int> left, RingReader<int> right, WakeSignal signal)
        {
            _readers = [left, right];
            left.WakeOn(signal);
            right.WakeOn(signal);
        }

        public int Handled => Volatile.Read(ref _handled);

        public bool IsEnded => _readers.All(reader => reader.IsEnded);

        public int DoWork()
        {
            int work = 0;
            foreach (RingReader<int> reader in _readers)
            {
                if (!reader.TryRead(2, out long low, out long high))
                    continue;
                reader.Release(high);
                work += (int)(high - low + 1);
            }

            Volatile.Write(ref _handled, _handled + work);
            return work;
        }

        public void OnStop()
        {
            foreach (RingReader<int> reader in _readers)
                reader.Complete();
        }
    }
}
