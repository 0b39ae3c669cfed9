using System.Net;
using System.Net.Sockets;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Tests.Udp;

public sealed class SocketAddressNativeTests
{
    [Theory]
    [InlineData("127.0.0.1", 4433, AddressFamily.InterNetwork, 16)]
    [InlineData("10.1.2.3", 65535, AddressFamily.InterNetworkV6, 28)]
    [InlineData("2001:db8::7", 1, AddressFamily.InterNetworkV6, 28)]
    [InlineData("fe80::1%3", 80, AddressFamily.InterNetworkV6, 28)]
    [InlineData("::ffff:1.2.3.4", 80, AddressFamily.InterNetwork, 16)]
    public void TryFrom_Reachable_ConvertsBack(string address, int port, AddressFamily family, int length)
    {
        IPEndPoint endPoint = new(IPAddress.Parse(address), port);

        Assert.True(SocketAddressNative.TryFrom(endPoint, family, out SocketAddressNative native));

        IPAddress expected = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        Assert.Equal(new IPEndPoint(expected, port), native.ToEndPoint());
        Assert.Equal(length, native.Length);
        Assert.True(SocketAddressNative.TryFrom(endPoint, family, out SocketAddressNative again));
        Assert.Equal(native, again);
        Assert.Equal(native.GetHashCode(), again.GetHashCode());
    }

    [Fact]
    public void TryFrom_Ipv6ForIpv4Socket_IsUnreachable() =>
        Assert.False(SocketAddressNative.TryFrom(
            new IPEndPoint(IPAddress.IPv6Loopback, 1), AddressFamily.InterNetwork, out _));

    [Fact]
    public void Equals_OtherPortOrAddress_IsFalse()
    {
        SocketAddressNative one = From("10.0.0.1", 1);

        Assert.NotEqual(one, From("10.0.0.1", 2));
        Assert.NotEqual(one, From("10.0.0.2", 1));
        Assert.Equal(one.ToHostKey(), From("10.0.0.1", 2).ToHostKey());
        Assert.NotEqual(one.ToHostKey(), From("10.0.0.2", 1).ToHostKey());
    }

    private static SocketAddressNative From(string address, int port)
    {
        IPEndPoint endPoint = new(IPAddress.Parse(address), port);
        Assert.True(SocketAddressNative.TryFrom(
            endPoint, AddressFamily.InterNetwork, out SocketAddressNative native));
        return native;
    }
}
