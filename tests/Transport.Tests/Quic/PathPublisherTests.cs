using Fragcast.Transport.Quic;

namespace Fragcast.Transport.Tests.Quic;

public sealed class PathPublisherTests
{
    [Fact]
    public void Read_WhileWritten_IsNeverTorn()
    {
        PathPublisher publisher = new();
        using CancellationTokenSource end = new();
        Thread writer = new(() =>
        {
            for (long i = 1; !end.IsCancellationRequested; i++)
            {
                publisher.Publish(
                    new PathStatistics { SmoothedRttNs = i, DatagramsDropped = i, MaxDatagramBytes = (int)i });
            }
        });
        writer.Start();
        for (int i = 0; i < 200_000; i++)
        {
            PathStatistics seen = publisher.Read();
            if (seen.SmoothedRttNs != seen.DatagramsDropped || (int)seen.SmoothedRttNs != seen.MaxDatagramBytes)
            {
                end.Cancel();
                Assert.Fail($"torn: {seen}");
            }
        }

        end.Cancel();
        writer.Join();
    }
}
