using System.Buffers;
using System.Net.Quic;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Carriers;
using Fragcast.Transport.Quic;
using EngineStream = System.Net.Quic.QuicStream;

namespace Fragcast.Transport.SystemQuic;

/// <summary>
/// The datagrams of one class that wait for one peer, and the unidirectional stream that carries them. The stream takes
/// some at a time and waits until the engine has them, so that what is too much waits here, where the class's rule for
/// dropping holds.
/// </summary>
internal sealed class SystemCarrier
{
    // About a dozen full datagrams in one write.
    private const int BatchBytes = 16 << 10;

    private readonly SystemShared _shared;
    private readonly EgressClass _class;
    private readonly DatagramQueue _queue;
    private readonly Lock _gate = new();
    private readonly AsyncPulse _added = new();
    private byte[] _batch = [];
    private bool _greets;
    private bool _isStarted;
    private bool _isEnded;
    private long _dropped;

    public SystemCarrier(SystemShared shared, EgressClass egressClass)
    {
        _shared = shared;
        _class = egressClass;
        _queue = new DatagramQueue(shared.Options.DatagramQueueBytes);
    }

    /// <summary>Payload bytes waiting.</summary>
    public long QueuedBytes => _queue.Bytes;

    /// <summary>Datagrams dropped by the rule of the class.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Sends an empty record first: the dialling side is accepted.</summary>
    public void Greet()
    {
        lock (_gate)
            _greets = true;
        _added.Set();
    }

    /// <summary>Queues a datagram by the rule of the class; takes over the lease unless refused. Any thread.</summary>
    /// <param name="datagram">What to send.</param>
    /// <param name="isFirst">Whether the carrier is to be run from now on.</param>
    public SendResult TryAdd(in BufferLease datagram, out bool isFirst)
    {
        lock (_gate)
        {
            isFirst = false;
            if (_isEnded)
                return SendResult.Closed;
            while (!_queue.HasRoom(datagram.Length))
            {
                if (_class != EgressClass.Realtime)
                    return SendResult.QueueFull;
                _queue.RemoveFirst();
                Interlocked.Increment(ref _dropped);
                _shared.Counters.AddShared(TransportCounter.RealtimeDropped);
            }

            _queue.Add(datagram);
            isFirst = !_isStarted;
            _isStarted = true;
        }

        _added.Set();
        return SendResult.Accepted;
    }

    /// <summary>Claims the running of a carrier that nothing was queued on yet.</summary>
    public bool TryStart()
    {
        lock (_gate)
            return !_isStarted && (_isStarted = true);
    }

    /// <summary>Sends what is queued until the connection ends.</summary>
    public async Task Run(System.Net.Quic.QuicConnection connection)
    {
        try
        {
            EngineStream stream = await connection.OpenOutboundStreamAsync(QuicStreamType.Unidirectional)
                .ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                _batch = ArrayPool<byte>.Shared.Rent(BatchBytes);
                while (!_isEnded)
                {
                    int length = Fill();
                    if (length > 0)
                        await stream.WriteAsync(_batch.AsMemory(0, length)).ConfigureAwait(false);
                    else
                        await _added.Wait().ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is QuicException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection has ended, or the peer refuses the carrier.
        }

        if (_batch.Length > 0)
            ArrayPool<byte>.Shared.Return(_batch);
        End();
    }

    /// <summary>Lets go of everything that waits; nothing is sent any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            _shared.Counters.AddShared(TransportCounter.DatagramsUnsendable, _queue.Clear());
        }

        _added.Set();
    }

    private int Fill()
    {
        lock (_gate)
        {
            int length = 0;
            if (_greets)
            {
                _greets = false;
                length = DatagramRecords.Write(_batch, []);
            }

            while (!_queue.IsEmpty
                && length + DatagramRecords.HeadBytes + _queue.First.Length <= BatchBytes)
            {
                length += DatagramRecords.Write(_batch.AsSpan(length), _queue.First.Span);
                _queue.RemoveFirst();
                _shared.Counters.AddShared(TransportCounter.DatagramsOut);
            }

            return length;
        }
    }
}
