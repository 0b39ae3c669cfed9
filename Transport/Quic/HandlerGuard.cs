using System.Net;
using Fragcast.Transport.Buffers;
using Fragcast.Transport.Identity;

namespace Fragcast.Transport.Quic;

/// <summary>
/// Calls the handler so that what it throws goes no further: most calls come from within native frames. Each call
/// says whether the handler returned; if not, the connection it was about is closed by the caller.
/// </summary>
#pragma warning disable CA1031 // A handler may throw anything; it costs one connection, and the observer is told.
internal sealed class HandlerGuard(ITransportHandler handler, Action<Exception> noteFault)
{
    public bool OnConnected(ConnectionId connection, PeerId peer, IPEndPoint remote, bool dialled)
    {
        try
        {
            handler.OnConnected(connection, peer, remote, dialled);
            return true;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    public bool OnDialFailed(ConnectionId connection, IPEndPoint remote, DisconnectReason reason)
    {
        try
        {
            handler.OnDialFailed(connection, remote, reason);
            return true;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    public bool OnDisconnected(ConnectionId connection, DisconnectReason reason)
    {
        try
        {
            handler.OnDisconnected(connection, reason);
            return true;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    public bool OnDatagram(ConnectionId connection, BufferLease datagram)
    {
        try
        {
            handler.OnDatagram(connection, datagram);
            return true;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    public bool OnStreamOpened(ConnectionId connection, StreamId stream)
    {
        try
        {
            handler.OnStreamOpened(connection, stream);
            return true;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    public bool OnStreamData(StreamId stream, ReadOnlySpan<byte> data, bool end)
    {
        try
        {
            handler.OnStreamData(stream, data, end);
            return true;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    public bool OnStreamWritable(StreamId stream)
    {
        try
        {
            handler.OnStreamWritable(stream);
            return true;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    public bool OnStreamClosed(StreamId stream, ulong error)
    {
        try
        {
            handler.OnStreamClosed(stream, error);
            return true;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    /// <summary>In how many nanoseconds the handler wants its next turn.</summary>
    public long OnTurn()
    {
        try
        {
            return handler.OnTurn();
        }
        catch (Exception e)
        {
            _ = Fault(e);
            return long.MaxValue;
        }
    }

    private bool Fault(Exception exception)
    {
        noteFault(exception);
        return false;
    }
}
#pragma warning restore CA1031
