namespace Fragcast.Primitives.Crypto;

/// <summary>
/// A shared library of the system is missing or too old. The message is one line for the operator: which library, and
/// the command that installs it.
/// </summary>
public sealed class NativeLibraryMissingException : Exception
{
    /// <summary>Names what is missing and how to get it.</summary>
    /// <param name="library">The library's short name, such as <c>libsodium</c>.</param>
    /// <param name="problem">What is wrong with it, such as <c>is not installed</c>.</param>
    /// <param name="package">The Debian package that has it.</param>
    public NativeLibraryMissingException(string library, string problem, string package)
        : base($"{library} {problem}: install it with 'apt-get install {package}'.")
    {
    }
}
