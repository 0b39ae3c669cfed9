using Fragcast.Gossip.Evidence;
using Fragcast.Node.Cli;

namespace Fragcast.Node;

/// <summary>
/// Evidence on disk: a folder with a file for each, named by its id. Writing is for one node; any number may read.
/// Thread-safe.
/// </summary>
internal sealed class EvidenceFolder
{
    /// <summary>How evidence files end.</summary>
    public const string Extension = ".evidence";

    private readonly string _folder;
    private readonly Lock _lock = new();
    private readonly EvidenceStore _store = new();

    private EvidenceFolder(string folder) => _folder = folder;

    /// <summary>How much evidence there is.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _store.Records.Count;
            }
        }
    }

    /// <summary>Opens a folder for writing; makes it when it is not there, and reads what it has.</summary>
    /// <exception cref="OperatorException">The folder cannot be used, or a file in it is damaged.</exception>
    public static EvidenceFolder Open(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{folder}: the evidence folder cannot be made: {error.Message}");
        }

        var opened = new EvidenceFolder(folder);
        foreach (EvidenceRecord evidence in ReadAll(folder))
        {
            opened._store.Add(evidence);
        }

        return opened;
    }

    /// <summary>Reads all evidence of a folder, by block and leader.</summary>
    /// <exception cref="OperatorException">The folder cannot be read, or a file in it is damaged.</exception>
    public static IReadOnlyList<EvidenceRecord> ReadAll(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder, "*" + Extension)
                .Order(StringComparer.Ordinal).Take(EvidenceStore.Max).Select(Read)
                .OrderBy(e => e.Block).ThenBy(e => e.Leader).ToArray();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{folder}: the evidence folder cannot be read: {error.Message}");
        }
    }

    /// <summary>Reads and verifies one file.</summary>
    /// <exception cref="OperatorException">The file cannot be read or proves nothing.</exception>
    public static EvidenceRecord Read(string file)
    {
        byte[] bytes;
        try
        {
            using FileStream stream = File.OpenRead(file);
            // One byte more than any evidence has, so that too long a file is seen as such and not read.
            var buffer = new byte[EvidenceLayout.LengthMax + 1];
            bytes = buffer[..stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new OperatorException($"{file}: the evidence cannot be read: {error.Message}");
        }

        EvidenceError problem = EvidenceRecord.TryRead(bytes, out EvidenceRecord? evidence);
        return evidence ?? throw new OperatorException($"{file}: this proves nothing: {problem}");
    }

    /// <summary>
    /// Keeps evidence; false when there is enough of it or it could not be written, which is not repeated.
    /// </summary>
    public bool Add(EvidenceRecord evidence)
    {
        lock (_lock)
        {
            if (_store.Add(evidence) != EvidenceOutcome.Added)
            {
                return false;
            }

            // A reader sees a file whole or not at all.
            string path = Path.Combine(_folder, evidence.Id.ToString() + Extension);
            string partial = path + ".part";
            try
            {
                File.WriteAllBytes(partial, evidence.Bytes.ToArray());
                File.Move(partial, path, overwrite: true);
                return true;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }
}
