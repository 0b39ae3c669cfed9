namespace Fragcast.Execution.Fixtures;

/// <summary>
/// A fixture file can't be read or is not what it should be. The message is one line for an operator: the file, and
/// what is wrong in it.
/// </summary>
public sealed class FixtureException : Exception
{
    /// <summary>A file with an unnamed fault.</summary>
    public FixtureException()
        : this("a fixture", "is not readable") { }

    /// <summary>A message that names the file already.</summary>
    public FixtureException(string message)
        : base(message) { }

    /// <summary>A message that names the file already, with what lies behind it.</summary>
    public FixtureException(string message, Exception inner)
        : base(message, inner) { }

    /// <summary>A file and what is wrong in it.</summary>
    public FixtureException(string file, string problem)
        : base($"{file}: {problem}") { }

    /// <summary>A file and what is wrong in it, with what lies behind it.</summary>
    public FixtureException(string file, string problem, Exception inner)
        : base($"{file}: {problem}", inner) { }
}
