using System.Runtime.InteropServices;

namespace Fragcast.Primitives.Crypto;

/// <summary>Finds the system's shared libraries by soname, the newest binary interface first.</summary>
public static class NativeLibraries
{
    /// <summary>Loads the first of the sonames that the system has; it stays loaded.</summary>
    /// <param name="library">The short name for messages, such as <c>libsodium</c>.</param>
    /// <param name="package">The Debian package that has it.</param>
    /// <param name="sonames">File names for the system's loader, in order of preference.</param>
    /// <exception cref="NativeLibraryMissingException">None of them can be loaded.</exception>
    public static nint Load(string library, string package, params ReadOnlySpan<string> sonames)
    {
        if (TryLoad(out nint handle, sonames)) return handle;
        throw new NativeLibraryMissingException(
            library, $"is not installed (looked for {string.Join(", ", sonames!)})", package);
    }

    /// <summary>As <see cref="Load"/>, for a library that can be done without.</summary>
    /// <param name="handle">The library, if true.</param>
    /// <param name="sonames">File names for the system's loader, in order of preference.</param>
    public static bool TryLoad(out nint handle, params ReadOnlySpan<string> sonames)
    {
        foreach (string soname in sonames)
        {
            if (NativeLibrary.TryLoad(soname, out handle)) return true;
        }

        handle = 0;
        return false;
    }

    /// <summary>The address of a function.</summary>
    /// <param name="handle">From <see cref="Load"/>.</param>
    /// <param name="function">The exported name.</param>
    /// <param name="library">The short name for messages.</param>
    /// <param name="package">The Debian package that has a good version.</param>
    /// <exception cref="NativeLibraryMissingException">The library does not have it.</exception>
    public static nint Function(nint handle, string function, string library, string package)
    {
        if (NativeLibrary.TryGetExport(handle, function, out nint address)) return address;
        throw new NativeLibraryMissingException(library, $"has no function {function}", package);
    }
}
