namespace Fragcast.Node.Cli;

/// <summary>
/// Something that the operator gave or has to provide is wrong. The message is the one line that is printed: what is
/// wrong, and what to do.
/// </summary>
internal sealed class OperatorException(string message) : Exception(message);
