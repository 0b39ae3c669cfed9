namespace Fragcast.Perf;

/// <summary>Data that the operator named, or that a command needs, is missing or damaged; the message is one line.
/// </summary>
internal sealed class PerfDataException : IOException
{
    public PerfDataException(string message) : base(message) { }

    public PerfDataException(string message, Exception inner) : base(message, inner) { }

    public PerfDataException() { }
}
