using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Fragcast.Tests;

/// <summary>
/// A network between diallers and one listener, on loopback: it can lose datagrams (by a fixed pattern, so that runs
/// repeat), stop, or change the addresses by which the listener sees the diallers, as a NAT does.
/// </summary>
internal sealed class UdpRelay : IDisposable
{
    private const int Congestion = 3;

    private readonly Socket _front = NewSocket();
    private readonly ConcurrentDictionary<EndPoint, Socket> _backs = new();
    private readonly Thread _thread;
    private readonly IPEndPoint _target;
    private readonly int _dropOneOf;
    private int _count;
    private volatile bool _isStopped;

    public UdpRelay(IPEndPoint target, int dropOneOf = 0)
    {
        _target = target;
        _dropOneOf = dropOneOf;
        _thread = new Thread(Run) { IsBackground = true, Name = "test-relay" };
        _thread.Start();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_front.LocalEndPoint!;

    /// <summary>Passes nothing on while true.</summary>
    public bool IsCut { get; set; }

    /// <summary>Marks all that goes to the listener as a router under congestion does (RFC 3168).</summary>
    public bool MarksCongestion { get; set; }

    /// <summary>From now on the listener sees all diallers come from new ports.</summary>
    public void Rebind()
    {
        foreach (EndPoint dialler in _backs.Keys)
        {
            _backs[dialler] = NewSocket();
        }
    }

    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
        _front.Dispose();
        foreach (Socket back in _backs.Values)
        {
            back.Dispose();
        }
    }

    private static Socket NewSocket()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private void Run()
    {
        byte[] buffer = new byte[2048];
        while (!_isStopped)
        {
            List<Socket> readable = [_front, .. _backs.Values];
            Socket.Select(readable, null, null, 1000);
            foreach (Socket socket in readable)
            {
                Forward(socket, buffer);
            }
        }
    }

    private void Forward(Socket from, byte[] buffer)
    {
        EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
        int length = from.ReceiveFrom(buffer, ref sender);
        _count++;
        if (IsCut || (_dropOneOf > 0 && _count % _dropOneOf == 0))
        {
            return;
        }

        if (from == _front)
        {
            Socket back = _backs.GetOrAdd(sender, _ => NewSocket());
            int mark = MarksCongestion ? Congestion : 0;
            back.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.TypeOfService, mark);
            back.SendTo(buffer.AsSpan(0, length), _target);
            return;
        }

        foreach ((EndPoint dialler, Socket own) in _backs)
        {
            if (own == from)
            {
                _front.SendTo(buffer.AsSpan(0, length), dialler);
            }
        }
    }
}
