using System.Security.Cryptography;
using Fragcast.Node.Cli;
using Fragcast.Primitives;

namespace Fragcast.Node.Config;

/// <summary>
/// Key files: 32 bytes as hex on one line, readable by the owner only. Both kinds of key have this form: the Ed25519
/// seed of a node's identity and the secp256k1 key of a sequencer.
/// </summary>
internal static class KeyFiles
{
    private const int KeyLength = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Reads a key.</summary>
    /// <exception cref="OperatorException">The file is missing, damaged, or readable by others.</exception>
    public static byte[] Read(string path)
    {
        string text;
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
            {
                throw new OperatorException($"{path}: others may read this key file; run: chmod 600 {path}");
            }

            text = File.ReadAllText(path).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{path}: the key file cannot be read: {error.Message}");
        }

        if (!Hex.TryDecode(text, out byte[]? key) || key.Length != KeyLength)
        {
            throw new OperatorException($"{path}: not a key file; it must hold 32 bytes as 64 hex digits on one line");
        }

        return key;
    }

    /// <summary>Reads a key, or makes a new random one in that place.</summary>
    /// <exception cref="OperatorException">The file is damaged or cannot be written.</exception>
    public static byte[] ReadOrCreate(string path)
    {
        if (File.Exists(path))
        {
            return Read(path);
        }

        byte[] key = RandomNumberGenerator.GetBytes(KeyLength);
        Write(path, key);
        return key;
    }

    /// <summary>Writes a key for its owner's eyes only.</summary>
    /// <exception cref="OperatorException">The file cannot be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> key)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using var writer = new StreamWriter(path, options);
            writer.WriteLine(Hex.Encode(key));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{path}: the key file cannot be written: {error.Message}");
        }
    }
}
