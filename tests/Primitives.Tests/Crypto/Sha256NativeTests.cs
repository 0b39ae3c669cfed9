using System.Runtime.InteropServices;
using Fragcast.Primitives.Crypto;

namespace Fragcast.Primitives.Tests.Crypto;

public sealed class Sha256NativeTests
{
    [Fact]
    public void TryLoad_NoLibrary_IsNull() => Assert.Null(Sha256Native.TryLoad("libfragcast-none.so.1"));

    [Fact]
    public void TryLoad_LibraryWithoutTheFunctions_IsNull()
    {
        Assert.True(NativeLibraries.TryLoad(out _, "libc.so.6"));
        Assert.Null(Sha256Native.TryLoad("libc.so.6"));
    }

    [Fact]
    public void TryCreate_FunctionsThatDoNotHash_IsNull()
    {
        Assert.True(NativeLibraries.TryLoad(out nint handle, "libc.so.6"));
        nint other = NativeLibrary.GetExport(handle, "getpid");
        Assert.Null(Sha256Native.TryCreate(other, other, other, other));
    }

    [Fact]
    public void IsNative_LibraryThere_IsTrue() =>
        Assert.Equal(NativeLibraries.TryLoad(out _, "libcrypto.so.3", "libcrypto.so.1.1"), Sha256.IsNative);
}
