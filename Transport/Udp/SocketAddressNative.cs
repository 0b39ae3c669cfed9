using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fragcast.Transport.Udp;

/// <summary>
/// A socket address as the kernel and ngtcp2 read it, in 32 bytes: sockaddr_in (16 bytes) or sockaddr_in6 (28), then
/// its length.
/// <code>
/// sockaddr_in   0 family  2 port BE  4 address            8 zero
/// sockaddr_in6  0 family  2 port BE  4 flow  8 address               24 scope
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SocketAddressNative : IEquatable<SocketAddressNative>
{
    public const int Capacity = 28;

    private const ushort FamilyInet = 2;
    private const ushort FamilyInet6 = 10;
    private const int Inet4Length = 16;
    private const int AddressAt6 = 8;
    private const int AddressAt4 = 4;

    private AddressBytes _bytes;

    /// <summary>Bytes that count, 0 for no address.</summary>
    public int Length;

    /// <summary>The address as bytes, for native calls by reference.</summary>
    [UnscopedRef]
    public Span<byte> Bytes => _bytes;

    /// <summary>Converts for a socket of the given family; false if that socket cannot reach the address.</summary>
    public static bool TryFrom(IPEndPoint endPoint, AddressFamily socketFamily, out SocketAddressNative address)
    {
        address = default;
        IPAddress ip = endPoint.Address;
        if (socketFamily == AddressFamily.InterNetwork)
        {
            if (ip.IsIPv4MappedToIPv6)
            {
                ip = ip.MapToIPv4();
            }

            if (ip.AddressFamily != AddressFamily.InterNetwork)
            {
                return false;
            }

            address.Set(FamilyInet, endPoint.Port, Inet4Length);
            return ip.TryWriteBytes(address.Bytes[AddressAt4..], out _);
        }

        if (ip.AddressFamily == AddressFamily.InterNetwork)
        {
            ip = ip.MapToIPv6();
        }

        address.Set(FamilyInet6, endPoint.Port, Capacity);
        BinaryPrimitives.WriteUInt32LittleEndian(address.Bytes[24..], (uint)ip.ScopeId);
        return ip.TryWriteBytes(address.Bytes[AddressAt6..], out _);
    }

    /// <summary>The address for people and handlers; IPv4 is given as such also on a socket for both.</summary>
    public readonly IPEndPoint ToEndPoint()
    {
        ReadOnlySpan<byte> bytes = _bytes;
        int port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (Length == Inet4Length)
        {
            return new IPEndPoint(new IPAddress(bytes.Slice(AddressAt4, 4)), port);
        }

        IPAddress ip = new(bytes.Slice(AddressAt6, 16), BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]));
        return new IPEndPoint(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip, port);
    }

    /// <summary>The IP address without port as one number, to count connections by.</summary>
    public readonly UInt128 ToHostKey()
    {
        ReadOnlySpan<byte> bytes = _bytes;
        return Length == Inet4Length
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes[AddressAt4..])
            : BinaryPrimitives.ReadUInt128BigEndian(bytes[AddressAt6..]);
    }

    public readonly bool Equals(SocketAddressNative other)
    {
        // 32 bytes without gaps: four words compare at once.
        ref readonly SocketAddressNative self = ref this;
        ReadOnlySpan<ulong> left = MemoryMarshal.Cast<SocketAddressNative, ulong>(
            MemoryMarshal.CreateReadOnlySpan(in self, 1));
        ReadOnlySpan<ulong> right = MemoryMarshal.Cast<SocketAddressNative, ulong>(
            MemoryMarshal.CreateReadOnlySpan(in other, 1));
        return left.SequenceEqual(right);
    }

    public override readonly bool Equals(object? obj) => obj is SocketAddressNative other && Equals(other);

    public override readonly int GetHashCode() =>
        HashCode.Combine(ToHostKey(), BinaryPrimitives.ReadUInt16BigEndian(((ReadOnlySpan<byte>)_bytes)[2..]));

    public override readonly string ToString() => Length == 0 ? "none" : ToEndPoint().ToString();

    private void Set(ushort family, int port, int length)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Bytes, family);
        BinaryPrimitives.WriteUInt16BigEndian(Bytes[2..], (ushort)port);
        Length = length;
    }

    [InlineArray(Capacity)]
    private struct AddressBytes
    {
        private byte _first;
    }
}
