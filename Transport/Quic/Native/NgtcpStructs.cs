using System.Runtime.InteropServices;

namespace Fragcast.Transport.Quic.Native;

/// <summary>ngtcp2_cid: a connection id of at most 20 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 32)]
internal unsafe struct NativeCid
{
    public nuint Length;
    public fixed byte Data[20];

    public ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(ref Data[0], (int)Length);

    public static NativeCid From(ReadOnlySpan<byte> bytes)
    {
        NativeCid cid = default;
        cid.Length = (nuint)bytes.Length;
        bytes.CopyTo(MemoryMarshal.CreateSpan(ref cid.Data[0], 20));
        return cid;
    }
}

/// <summary>ngtcp2_vec.</summary>
internal unsafe struct NativeVec
{
    public byte* Base;
    public nuint Length;
}

/// <summary>ngtcp2_addr: a socket address by reference.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal unsafe struct NativeAddress
{
    public void* Address;
    public uint Length;
}

/// <summary>ngtcp2_path: both ends of a network path.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal unsafe struct NativePath
{
    public NativeAddress Local;
    public NativeAddress Remote;
    public void* UserData;
}

/// <summary>ngtcp2_pkt_hd: what ngtcp2_accept found in an Initial. The token points into the packet.</summary>
[StructLayout(LayoutKind.Sequential, Size = 112)]
internal unsafe struct NativePacketHeader
{
    public NativeCid DestinationCid;
    public NativeCid SourceCid;
    public long PacketNumber;
    public byte* Token;
    public nuint TokenLength;
    public nuint PacketNumberLength;
    public nuint Length;
    public uint Version;
    public byte Type;
    public byte Flags;
}

/// <summary>ngtcp2_version_cid: the fields that every QUIC version has. Points into the packet.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal unsafe struct NativeVersionCid
{
    public uint Version;
    public byte* DestinationCid;
    public nuint DestinationCidLength;
    public byte* SourceCid;
    public nuint SourceCidLength;
}

/// <summary>ngtcp2_ccerr (1.x), ngtcp2_connection_close_error (0.12): the same fields in the same places.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal unsafe struct NativeCloseError
{
    public const int TypeTransport = 0;
    public const int TypeApplication = 1;
    public const int TypeVersionNegotiation = 2;
    public const int TypeIdleClose = 3;

    public int Type;
    public ulong Code;
    public ulong FrameType;
    public byte* Reason;
    public nuint ReasonLength;
}

/// <summary>gnutls_datum_t.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal unsafe struct GnuTlsDatum
{
    public byte* Data;
    public uint Size;
}

/// <summary>
/// ngtcp2_crypto_conn_ref, which the TLS helper reads, followed by what its callback needs to find the connection.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal unsafe struct NativeConnectionReference
{
    public delegate* unmanaged<NativeConnectionReference*, void*> GetConnection;
    public void* Handle;
    public void* Connection;
}

