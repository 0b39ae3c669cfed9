using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Tests.Crypto;

public sealed class NativeLibrariesTests
{
    [Fact]
    public void Load_NoCandidateThere_NamesLibraryAndPackageInOneLine()
    {
        NativeLibraryMissingException e = Assert.Throws<NativeLibraryMissingException>(static () =>
            NativeLibraries.Load("libnone", "libnone7", "libfragcast-none.so.8", "libfragcast-none.so.7"));
        Assert.Equal(
            "libnone is not installed (looked for libfragcast-none.so.8, libfragcast-none.so.7): "
            + "install it with 'apt-get install libnone7'.",
            e.Message);
    }

    [Fact]
    public void Load_SecondCandidateThere_LoadsIt() =>
        Assert.NotEqual(0, NativeLibraries.Load("libc", "libc6", "libfragcast-none.so.1", "libc.so.6"));

    [Fact]
    public void TryLoad_NoCandidateThere_IsFalse()
    {
        Assert.False(NativeLibraries.TryLoad(out nint handle, "libfragcast-none.so.8", "libfragcast-none.so.7"));
        Assert.Equal(0, handle);
    }

    [Fact]
    public void Function_NotExported_NamesFunctionAndPackage()
    {
        nint handle = NativeLibraries.Load("libc", "libc6", "libc.so.6");
        Assert.NotEqual(0, NativeLibraries.Function(handle, "getpid", "libc", "libc6"));
        NativeLibraryMissingException e = Assert.Throws<NativeLibraryMissingException>(() =>
            NativeLibraries.Function(handle, "fragcast_none", "libc", "libc6"));
        Assert.Equal("libc has no function fragcast_none: install it with 'apt-get install libc6'.", e.Message);
    }
}
