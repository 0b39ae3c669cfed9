using System.Net;

namespace Fragcast.Transport;

/// <summary>The UDP port cannot be had. The message is one line for the operator.</summary>
public sealed class EndpointBindException : IOException
{
    /// <summary>Creates the exception for an address and the system's reason.</summary>
    public EndpointBindException(IPEndPoint endPoint, string reason)
        : base($"cannot bind UDP {endPoint}: {reason}") => EndPoint = endPoint;

    /// <summary>The address and port that were asked for.</summary>
    public IPEndPoint EndPoint { get; }
}
