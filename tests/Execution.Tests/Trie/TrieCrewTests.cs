using Fragcast.Execution.Trie;

namespace Fragcast.Execution.Tests.Trie;

public class TrieCrewTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_ManyParts_DoesEachOnce(int threads)
    {
        using var crew = new TrieCrew(threads);
        Assert.Equal(threads, crew.ThreadCount);
        for (int round = 0; round < 200; round++)
        {
            var done = new int[round % 20];
            crew.Run(done.Length, part => Interlocked.Increment(ref done[part]));
            Assert.All(done, count => Assert.Equal(1, count));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Run_APartThrows_ThrowsAtTheCaller(int threads)
    {
        using var crew = new TrieCrew(threads);
        Assert.Throws<InvalidOperationException>(() => crew.Run(8, part =>
        {
            if (part == 5) throw new InvalidOperationException("part 5");
        }));
        int parts = 0;
        crew.Run(8, _ => Interlocked.Increment(ref parts));
        Assert.Equal(8, parts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Dispose_AfterPosts_AllIsDone(int threads)
    {
        var work = new Counter();
        using (var crew = new TrieCrew(threads))
        {
            for (int i = 0; i < 100; i++) crew.Post(work);
        }

        Assert.Equal(100, work.Count);
    }

    [Fact]
    public void ThreadsFor_AnyMachine_LeavesACoreToTheCaller()
    {
        Assert.Equal(1, TrieCrew.ThreadsFor(1));
        Assert.Equal(1, TrieCrew.ThreadsFor(2));
        Assert.Equal(7, TrieCrew.ThreadsFor(8));
        Assert.Equal(TrieCrew.ThreadsMax, TrieCrew.ThreadsFor(500));
    }

    private sealed class Counter : ICrewWork
    {
        private int _count;

        public int Count => _count;

        public void DoWork() => Interlocked.Increment(ref _count);
    }
}
