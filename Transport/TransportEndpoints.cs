using System.Net.Quic;
using Fragcast.Primitives.Crypto;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Quic;
using Fragcast.Transport.SystemQuic;

namespace Fragcast.Transport;

/// <summary>Creates endpoints.</summary>
public static class TransportEndpoints
{
    /// <summary>Whether System.Net.Quic runs here: the platform has it and the runtime finds MsQuic.</summary>
    public static bool IsSystemSupported =>
        (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS() || OperatingSystem.IsWindows())
        && QuicListener.IsSupported;

    /// <summary>
    /// Loads the engine, binds the port and makes the certificate. The endpoint is idle until
    /// <see cref="ITransportEndpoint.Start"/>; its description says which engine it is and why.
    /// </summary>
    /// <exception cref="EndpointBindException">The port is taken or the address is not this machine's.</exception>
    /// <exception cref="NativeLibraryMissingException">A library of the engine is not installed.</exception>
    public static ITransportEndpoint Create(HostIdentity identity, TransportOptions options)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(options);
        return options.Engine switch
        {
            TransportEngine.Ngtcp2 => new NgtcpEndpoint(identity, options),
            TransportEngine.System => CreateSystem(identity, options),
            _ => CreateBest(identity, options),
        };
    }

    private static ITransportEndpoint CreateBest(HostIdentity identity, TransportOptions options)
    {
        try
        {
            return new NgtcpEndpoint(identity, options);
        }
        catch (NativeLibraryMissingException) when (IsSystemSupported)
        {
            return CreateSystem(identity, options);
        }
    }

    private static SystemEndpoint CreateSystem(HostIdentity identity, TransportOptions options) => IsSystemSupported
        ? new SystemEndpoint(identity, HostCertificate.Create(identity, options.Time), options)
        : throw new NativeLibraryMissingException("MsQuic", "is not found by the runtime", "libmsquic");
}
