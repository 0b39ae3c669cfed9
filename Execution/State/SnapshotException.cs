namespace Fragcast.Execution.State;

/// <summary>
/// A snapshot can't be read or written. The message is one line for an operator: the file, and what is wrong.
/// </summary>
public sealed class SnapshotException : Exception
{
    /// <summary>A snapshot with an unnamed fault.</summary>
    public SnapshotException()
        : this("the snapshot can't be used") { }

    /// <summary>A message that names the file.</summary>
    public SnapshotException(string message)
        : base(message) { }

    /// <summary>A message that names the file, with what lies behind it.</summary>
    public SnapshotException(string message, Exception inner)
        : base(message, inner) { }
}
