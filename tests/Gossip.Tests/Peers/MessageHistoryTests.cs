using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Peers;
using Fragcast.Gossip.Wire;

namespace Fragcast.Gossip.Tests.Peers;

public sealed class MessageHistoryTests
{
    [Fact]
    public void Add_MoreThanFits_KeepsTheLatestWhole()
    {
        var history = new MessageHistory(1_000);
        for (int i = 0; i < 200; i++)
        {
            history.Add(Place(i), Message(i));
            Assert.True(history.Contains(Place(i), Message(i)));
            int first = i + 1 - history.Count;
            Assert.Equal(
                Enumerable.Range(first, history.Count).Select(Framed),
                history.Messages.Select(m => m.Framed.ToArray()));
        }

        Assert.InRange(history.Count, 6, 12);
        Assert.False(history.Contains(Place(0), Message(0)));
    }

    [Fact]
    public void Add_TwiceOrTooLong_KeepsTheFirst()
    {
        var history = new MessageHistory(200);
        history.Add(Place(1), Message(1));
        history.Add(Place(1), Message(2));
        history.Add(Place(2), new byte[200]);
        Assert.Equal(1, history.Count);
        Assert.True(history.Contains(Place(1), Message(1)));
        Assert.False(history.Contains(Place(1), Message(2)));
    }

    [Fact]
    public void Add_ManySmallOnes_StaysWithinItsNumber()
    {
        var history = new MessageHistory(1 << 20);
        for (int i = 0; i < MessageHistory.MessagesMax + 10; i++)
        {
            history.Add(Place(i), [1]);
        }

        Assert.Equal(MessageHistory.MessagesMax, history.Count);
    }

    private static ItemPlace Place(int i) => new(0, 1, (ulong)i, EnvelopeKind.Frag);

    private static byte[] Message(int i) => [.. Enumerable.Repeat((byte)i, 60 + (i * 7 % 50))];

    private static byte[] Framed(int i)
    {
        byte[] message = Message(i);
        return [(byte)message.Length, 0, 0, 0, .. message];
    }
}
