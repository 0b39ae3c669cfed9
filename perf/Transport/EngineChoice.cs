using System.Net;
using Fragcast.Primitives.Crypto;
using Fragcast.Transport;
using Fragcast.Transport.Identity;

namespace Fragcast.Perf.Transport;

/// <summary>An engine that this machine has.</summary>
/// <param name="Name">Its name in figures.</param>
/// <param name="Options">How its endpoints are made: on the IPv4 loopback, ring and leases sized for one peer.</param>
/// <param name="MustNotAllocate">Whether an allocated byte per message misses a goal.</param>
internal sealed record EngineChoice(string Name, TransportOptions Options, bool MustNotAllocate)
{
    // As for the tests: a folder with the generation that the system does not have.
    private const string DirectoryVariable = "FRAGCAST_NGTCP2_DIRECTORY";

    /// <summary>The engines whose names start as given, the best first.</summary>
    public static IReadOnlyList<EngineChoice> Find(string prefix)
    {
        TransportOptions options = new()
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            SendRingSlots = 1024,
            ReceiveLeases = 2048,
            MaxConnections = 4096,
            MaxConnectionsPerAddress = 4096,
        };
        TransportOptions ngtcp = options with { Engine = TransportEngine.Ngtcp2 };
        TransportOptions elsewhere = ngtcp with
        {
            Library = NgtcpLibraryPreference.Version1,
            LibraryDirectory = Environment.GetEnvironmentVariable(DirectoryVariable),
        };
        EngineChoice[] candidates =
        [
            new("ngtcp2-1", elsewhere, true),
            new("ngtcp2-1", elsewhere with { LibraryDirectory = null }, true),
            new("ngtcp2-0", ngtcp with { Library = NgtcpLibraryPreference.Version0 }, true),
            new("system", options with { Engine = TransportEngine.System }, false),
        ];
        return
        [
            .. candidates
                .Where(engine => engine.Name.StartsWith(prefix, StringComparison.Ordinal) && engine.IsHere())
                .DistinctBy(engine => engine.Name),
        ];
    }

    /// <summary>A new endpoint with an identity of its own, started.</summary>
    public ITransportEndpoint Start(ITransportHandler handler, Func<TransportOptions, TransportOptions>? change = null)
    {
        TransportOptions options = change is null ? Options : change(Options);
        ITransportEndpoint endpoint = TransportEndpoints.Create(HostIdentity.Generate(), options);
        endpoint.Start(handler);
        return endpoint;
    }

    private bool IsHere()
    {
        try
        {
            using ITransportEndpoint probe = TransportEndpoints.Create(HostIdentity.Generate(), Options);
            return true;
        }
        catch (NativeLibraryMissingException)
        {
            return false;
        }
    }
}
