using Fragcast.Primitives.Crypto;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Quic;

namespace Fragcast.Transport;

/// <summary>Creates endpoints.</summary>
public static class TransportEndpoints
{
    /// <summary>
    /// Loads the engine, binds the port and makes the certificate. The endpoint is idle until
    /// <see cref="ITransportEndpoint.Start"/>.
    /// </summary>
    /// <exception cref="EndpointBindException">The port is taken or the address is not this machine's.</exception>
    /// <exception cref="NativeLibraryMissingException">A library of the engine is not installed.</exception>
    public static ITransportEndpoint Create(HostIdentity identity, TransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(options);
        return new NgtcpEndpoint(identity, options);
    }
}
