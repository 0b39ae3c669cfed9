using Fragcast.Transport.Quic;

namespace Fragcast.Transport.Tests.Quic;

public sealed class EgressPacerTests
{
    private const int Packet = 1440;
    private const long RttNs = 50_000_000;
    private const long Window = 1_000_000;

    [Fact]
    public void MaySend_LocalNetwork_IsNeverHeldBack()
    {
        EgressPacer pacer = default;
        pacer.SetPath(Window, EgressPacer.MinRttNs - 1);

        Assert.All(Enumerable.Range(0, 10_000), _ =>
        {
            Assert.True(pacer.MaySend(1));
            pacer.NoteSent(Packet);
        });
    }

    [Fact]
    public void MaySend_LongPath_PassesABurstThenTwoWindowsPerRoundTrip()
    {
        EgressPacer pacer = default;
        ulong now = 1_000_000_000;
        pacer.SetPath(Window, RttNs);
        long sent = SendAll(ref pacer, now);
        Assert.InRange(sent, EgressPacer.BurstBytes, EgressPacer.BurstBytes + Packet);

        sent = 0;
        ulong end = now + RttNs;
        while (now < end)
        {
            Assert.InRange(pacer.ResumeNs, now + 1, end + RttNs);
            now = pacer.ResumeNs;
            sent += SendAll(ref pacer, now);
        }

        Assert.InRange(sent, (long)(1.9 * Window), (long)(2.1 * Window));
    }

    [Fact]
    public void MaySend_AfterPause_HasNoMoreThanABurst()
    {
        EgressPacer pacer = default;
        pacer.SetPath(Window, RttNs);
        SendAll(ref pacer, 1);

        Assert.InRange(
            SendAll(ref pacer, 100 * (ulong)RttNs), EgressPacer.BurstBytes, EgressPacer.BurstBytes + Packet);
    }

    private static long SendAll(ref EgressPacer pacer, ulong now)
    {
        long sent = 0;
        for (; pacer.MaySend(now); sent += Packet)
        {
            pacer.NoteSent(Packet);
        }

        return sent;
    }
}
