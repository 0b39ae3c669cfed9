using System.IO.Compression;
using System.Text.Json;

namespace Fragcast.Execution.Fixtures;

/// <summary>Opens fixture files: JSON, plain or compressed by gzip, told apart by the first bytes.</summary>
internal static class FixtureFile
{
    /// <summary>
    /// Most bytes of a file after decompression: a bound on what a damaged or hostile file makes us keep.
    /// </summary>
    private const int MaxBytes = 1 << 30;

    private static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];

    /// <summary>Reads a file as JSON.</summary>
    /// <exception cref="FixtureException">It can't be read, is damaged, or is no JSON.</exception>
    public static JsonDocument Open(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FixtureException(path, $"can't be read: {FirstLine(e)}", e);
        }
        catch (InvalidDataException e)
        {
            throw new FixtureException(path, "is damaged: its gzip data is truncated or corrupt", e);
        }
        catch (JsonException e)
        {
            string place = $"line {e.LineNumber + 1}, byte {e.BytePositionInLine}";
            throw new FixtureException(path, $"is neither JSON nor gzip of JSON (at {place})", e);
        }
    }

    /// <summary>Opens a file and runs its cases; that it can't be read is an outcome.</summary>
    public static IEnumerable<TestOutcome> Run(
        string path, Func<string, JsonDocument, IEnumerable<TestOutcome>> run)
    {
        JsonDocument? document = null;
        TestOutcome? unreadable = null;
        try
        {
            document = Open(path);
        }
        catch (FixtureException error)
        {
            unreadable = TestOutcome.Unreadable(error);
        }

        using (document)
        {
            if (unreadable is not null) yield return unreadable;
            if (document is null) yield break;
            foreach (TestOutcome outcome in run(path, document)) yield return outcome;
        }
    }

    /// <summary>Outcomes up to the first place where the file has not the form of a test, which is one more.</summary>
    public static IEnumerable<TestOutcome> Guard(IEnumerable<TestOutcome> outcomes)
    {
        using IEnumerator<TestOutcome> each = outcomes.GetEnumerator();
        while (true)
        {
            TestOutcome? outcome = null;
            try
            {
                if (each.MoveNext()) outcome = each.Current;
            }
            catch (FixtureException error)
            {
                // An iterator that has thrown has ended: the next turn finds nothing more.
                outcome = TestOutcome.Unreadable(error);
            }

            if (outcome is null) yield break;
            yield return outcome;
        }
    }

    private static JsonDocument Parse(byte[] content)
    {
        if (!content.AsSpan().StartsWith(GzipMagic)) return JsonDocument.Parse(content);
        using var unzipped = new MemoryStream(content.Length * 3);
        using (var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress))
        {
            var buffer = new byte[1 << 16];
            for (int read; (read = gzip.Read(buffer)) > 0;)
            {
                unzipped.Write(buffer, 0, read);
                if (unzipped.Length > MaxBytes) throw new InvalidDataException("The data is larger than allowed.");
            }
        }

        // A stream that ends between two blocks of the compressed form is not told apart from one that ends well: the
        // length that gzip keeps in its last four bytes is.
        if (content.Length < 18 || BitConverter.ToUInt32(content.AsSpan()[^4..]) != (uint)unzipped.Length)
            throw new InvalidDataException("The data ends early.");
        return JsonDocument.Parse(unzipped.GetBuffer().AsMemory(0, (int)unzipped.Length));
    }

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0];
}
