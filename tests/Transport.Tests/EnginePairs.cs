using Fragcast.Primitives.Crypto;
using Fragcast.Transport.Identity;
using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Tests;

/// <summary>
/// The engines that this machine has, and every pair of them, since all speak one protocol: a row of each contract
/// test names who dials and who accepts. To run both generations of libngtcp2, unpack the missing one somewhere and
/// name the folder in the environment variable below.
/// </summary>
public static class EnginePairs
{
    public const string DirectoryVariable = "FRAGCAST_NGTCP2_DIRECTORY";

    private const string Newer = "ngtcp2-1";
    private const string Older = "ngtcp2-0";
    private const string SystemEngine = "system";

    private static readonly Dictionary<string, string?> DirectoryByEngine = FindEngines();

    /// <summary>Who dials, who accepts.</summary>
    public static TheoryData<string, string> All => Where((_, _) => true);

    /// <summary>Pairs whose diallers know their path and count their packets.</summary>
    public static TheoryData<string, string> NgtcpDiallers => Where((dialler, _) => dialler != SystemEngine);

    /// <summary>Pairs of one engine's generations.</summary>
    public static TheoryData<string, string> Ngtcp =>
        Where((dialler, acceptor) => dialler != SystemEngine && acceptor != SystemEngine);

    public static IEnumerable<string> Names => DirectoryByEngine.Keys.Where(name => name != SystemEngine);

    public static TheoryData<string> Each => [.. DirectoryByEngine.Keys];

    public static TheoryData<string> EachNgtcp => [.. Names];

    public static IEnumerable<string> Missing =>
        new[] { Newer, Older, SystemEngine }.Where(name => !DirectoryByEngine.ContainsKey(name));

    /// <summary>Whether an engine dials from the port that it listens on.</summary>
    public static bool SharesPort(string engine) => engine != SystemEngine;

    /// <summary>Whether an accepting engine tells of handshakes that fail before the certificates.</summary>
    public static bool TellsOfEarlyFailures(string engine) => engine != SystemEngine;

    public static ITransportEndpoint Create(string engine, TransportOptions options, HostIdentity? identity = null) =>
        TransportEndpoints.Create(identity ?? HostIdentity.Generate(), Configure(engine, options));

    public static TransportOptions Configure(string engine, TransportOptions options) => engine == SystemEngine
        ? options with { Engine = TransportEngine.System }
        : options with
        {
            Engine = TransportEngine.Ngtcp2,
            Library = Preference(engine),
            LibraryDirectory = DirectoryByEngine[engine],
        };

    private static TheoryData<string, string> Where(Func<string, string, bool> isWanted)
    {
        TheoryData<string, string> pairs = [];
        foreach (string dialler in DirectoryByEngine.Keys)
        {
            foreach (string acceptor in DirectoryByEngine.Keys.Where(acceptor => isWanted(dialler, acceptor)))
            {
                pairs.Add(dialler, acceptor);
            }
        }

        return pairs;
    }

    private static NgtcpLibraryPreference Preference(string engine) =>
        engine == Newer ? NgtcpLibraryPreference.Version1 : NgtcpLibraryPreference.Version0;

    private static Dictionary<string, string?> FindEngines()
    {
        Dictionary<string, string?> found = [];
        foreach (string engine in new[] { Newer, Older })
        {
            foreach (string? directory in new[] { Environment.GetEnvironmentVariable(DirectoryVariable), null })
            {
                try
                {
                    NgtcpLibrary.Get(Preference(engine), directory);
                    found.TryAdd(engine, directory);
                }
                catch (NativeLibraryMissingException)
                {
                    // Not here: shows as a skipped test.
                }
            }
        }

        if (TransportEndpoints.IsSystemSupported)
        {
            found.Add(SystemEngine, null);
        }

        return found;
    }
}

/// <summary>A fact that is skipped, with the reason, when one of the engines is not there to be tested.</summary>
public sealed class AllEnginesFactAttribute : FactAttribute
{
    public AllEnginesFactAttribute()
    {
        string missing = string.Join(", ", EnginePairs.Missing);
        if (missing.Length > 0)
        {
            Skip = $"Contract tests do not run with {missing}, which is not here: libngtcp2 is looked for in "
                + $"${EnginePairs.DirectoryVariable} too, libmsquic on the loader's path.";
        }
    }
}
