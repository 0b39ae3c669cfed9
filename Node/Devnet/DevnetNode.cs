using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fragcast.Node.Config;
using Fragcast.Primitives;
using Fragcast.Transport.Identity;

namespace Fragcast.Node.Devnet;

/// <summary>The identity of one node of a devnet: its folder with keys, its port and its peer id.</summary>
internal sealed record DevnetNode
{
    private const string IdentityFileName = "identity.key";
    private const string SequencerFileName = "sequencer.key";

    /// <summary>What the table calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Its own folder.</summary>
    public required string Folder { get; init; }

    /// <summary>UDP port on loopback.</summary>
    public required int Port { get; init; }

    /// <summary>Its peer id.</summary>
    public required PeerId PeerId { get; init; }

    /// <summary>The address that it signs frags with; null for a follower.</summary>
    public Address? Signer { get; init; }

    /// <summary>Key file of its identity.</summary>
    public string IdentityFile => Path.Combine(Folder, IdentityFileName);

    /// <summary>Key file of its sequencer key.</summary>
    public string SequencerFile => Path.Combine(Folder, SequencerFileName);

    /// <summary>Where it writes the times that it took.</summary>
    public string TraceFile => Path.Combine(Folder, "trace");

    /// <summary>Where it writes what it did.</summary>
    public string ResultFile => Path.Combine(Folder, "result.json");

    /// <summary>Address, port and identity, as the --peer option takes it.</summary>
    public string PeerText => $"{IPAddress.Loopback}:{Port}/{PeerId}";

    /// <summary>Makes the folder and fresh random keys.</summary>
    public static DevnetNode Create(string name, string parentFolder, int port, bool isSequencer)
    {
        string folder = Path.Combine(parentFolder, name);
        Directory.CreateDirectory(folder);
        byte[] seed = RandomNumberGenerator.GetBytes(32);
        var node = new DevnetNode
        {
            Name = name,
            Folder = folder,
            Port = port,
            PeerId = HostIdentity.FromSeed(seed).Peer,
        };
        KeyFiles.Write(node.IdentityFile, seed);
        if (!isSequencer)
        {
            return node;
        }

        byte[] key = RandomNumberGenerator.GetBytes(32);
        KeyFiles.Write(node.SequencerFile, key);
        return node with { Signer = SequencerKeys.AddressOf(key, node.SequencerFile) };
    }

    /// <summary>Finds UDP ports on loopback that nobody uses, all different.</summary>
    public static int[] FindFreePorts(int count)
    {
        var sockets = new List<Socket>(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                sockets.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            }

            return sockets.Select(s => ((IPEndPoint)s.LocalEndPoint!).Port).ToArray();
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }
}
