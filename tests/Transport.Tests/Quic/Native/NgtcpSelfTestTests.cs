using Fragcast.Transport.Quic.Native;

namespace Fragcast.Transport.Tests.Quic.Native;

public sealed class NgtcpSelfTestTests
{
    public static TheoryData<string> NgtcpEngines => EnginePairs.EachNgtcp;

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void FindDifference_OwnTable_FindsNone(string engine) =>
        Assert.Null(NgtcpSelfTest.FindDifference(Load(engine), Load(engine).Abi));

    [Theory]
    [MemberData(nameof(NgtcpEngines))]
    public void FindDifference_TableOfTheOtherGeneration_FindsOne(string engine)
    {
        NgtcpLibrary library = Load(engine);
        NgtcpAbi other = library.Abi.IsVersion1 ? NgtcpAbi.Version0 : NgtcpAbi.Version1;

        Assert.NotNull(NgtcpSelfTest.FindDifference(library, other));
    }

    private static NgtcpLibrary Load(string engine)
    {
        TransportOptions options = EnginePairs.Configure(engine, new TransportOptions());
        return NgtcpLibrary.Get(options.Library, options.LibraryDirectory);
    }
}
