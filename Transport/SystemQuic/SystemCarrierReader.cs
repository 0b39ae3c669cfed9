using System.Buffers;
using System.Net.Quic;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Carriers;
using EngineStream = System.Net.Quic.QuicStream;

namespace Fragcast.Transport.SystemQuic;

/// <summary>Reads a carrier of the peer, and hands its datagrams to the handler on the endpoint's thread.</summary>
internal sealed class SystemCarrierReader
{
    private const int ReadBytes = 16 << 10;

    private readonly SystemConnection _connection;
    private readonly SystemShared _shared;
    private readonly EngineStream _stream;
    private readonly DatagramRecordReader _records = new();
    private readonly AsyncPulse _taken = new();
    private readonly Action _deliver;
    private byte[] _received = [];
    private int _length;

    public SystemCarrierReader(SystemConnection connection, EngineStream stream)
    {
        _connection = connection;
        _shared = connection.Shared;
        _stream = stream;
        _deliver = Deliver;
    }

    /// <summary>Reads until the peer or the connection ends it.</summary>
    public async Task Run()
    {
        _received = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            await using (_stream.ConfigureAwait(false))
            {
                while (true)
                {
                    _length = await _stream.ReadAsync(_received).ConfigureAwait(false);
                    if (_length == 0)
                        return;
                    _shared.Loop.Post(_deliver);
                    await _taken.Wait().ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is QuicException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended, or the peer gave the carrier up.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_received);
        }
    }

    private void Deliver()
    {
        ReadOnlySpan<byte> data = _received.AsSpan(0, _length);
        RecordStep step = RecordStep.Record;
        while (step == RecordStep.Record && !_connection.IsClosed)
        {
            step = _records.Read(ref data, out ReadOnlySpan<byte> payload);
            if (step == RecordStep.Record && !payload.IsEmpty)
                Deliver(payload);
            else if (step == RecordStep.TooLong)
                _connection.Fail(DisconnectKind.ProtocolError);
        }

        _taken.Set();
    }

    private void Deliver(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > _shared.ReceivePool.SlotSize || !_shared.ReceivePool.TryRent(out BufferLease lease))
        {
            _shared.Counters.AddShared(TransportCounter.DatagramsInDropped);
            return;
        }

        _shared.Counters.AddShared(TransportCounter.DatagramsIn);
        BufferLease datagram = lease.Slice(0, payload.Length);
        payload.CopyTo(datagram.Span);
        if (!_shared.Loop.Handler.OnDatagram(_connection.Id, datagram))
            _connection.Fail(DisconnectKind.HandlerFault);
    }
}
