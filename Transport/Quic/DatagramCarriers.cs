using Fragcast.Transport.Carriers;

namespace Fragcast.Transport.Quic;

/// <summary>
/// The unidirectional streams that carry datagrams to a peer whose engine has no DATAGRAM frames: one per class, opened
/// when its first datagram comes. They are kept short, so that what waits does so in the class's queue, where its rule
/// for dropping holds. I/O thread, not within callbacks.
/// </summary>
internal sealed class DatagramCarriers(QuicConnection connection, EndpointLoop loop)
{
    // About a dozen full packets: enough to fill the packets of one flush, little to wait behind.
    private const int UnsentMax = 16 << 10;

    private readonly QuicStream?[] _streams = new QuicStream?[(int)EgressClass.Bulk + 1];
    private readonly byte[] _record = new byte[DatagramRecords.HeadBytes + TransportLimits.MaxDatagramBytes];

    /// <summary>Tells a dialling peer that it is accepted.</summary>
    public void Greet() => _ = TryWrite(EgressClass.Control, []);

    /// <summary>Moves datagrams to the carrier of their class as long as it takes them.</summary>
    /// <returns>How many were sent or given up, and are out of the queue.</returns>
    public int Move(DatagramQueue queue, EgressClass egressClass)
    {
        int moved = 0;
        for (; !queue.IsEmpty; moved++)
        {
            SendResult result = TryWrite(egressClass, queue.First.Span);
            if (result == SendResult.QueueFull)
                break;
            loop.Counters.Add(result == SendResult.Accepted
                ? TransportCounter.DatagramsOut
                : TransportCounter.DatagramsUnsendable);
            queue.RemoveFirst();
        }

        return moved;
    }

    private SendResult TryWrite(EgressClass egressClass, ReadOnlySpan<byte> payload)
    {
        ref QuicStream? stream = ref _streams[(int)egressClass];
        if (stream is null && !connection.Streams.TryOpenCarrier(out stream))
            return SendResult.QueueFull;
        if (stream!.Unsent >= UnsentMax)
            return SendResult.QueueFull;
        int length = DatagramRecords.Write(_record, payload);
        SendResult result = stream.TryWrite(_record.AsSpan(0, length), egressClass, end: false);
        if (result == SendResult.Accepted)
            connection.Streams.MakeReady(stream);
        return result;
    }
}
