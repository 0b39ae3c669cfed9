using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Fragcast.Transport.Quic.Native;
using Fragcast.Transport.Udp;

namespace Fragcast.Transport.Quic;

/// <summary>
/// What libngtcp2 calls while it reads, writes or keeps time. Each call finds its connection by handle in the table of
/// the endpoint whose I/O thread this is, so that a stale pointer finds nothing; and none lets an exception out.
/// </summary>
#pragma warning disable CA1031 // An exception that passed through native frames would end the process.
internal static unsafe class ConnectionCallbacks
{
    // Entries of ngtcp2_callbacks: 40 pointers, the same order in both generations.
    private const int TableLength = 40;
    private const int ClientInitial = 0;
    private const int ReceiveClientInitial = 1;
    private const int ReceiveCryptoData = 2;
    private const int HandshakeCompleted = 3;
    private const int Encrypt = 5;
    private const int Decrypt = 6;
    private const int HeaderMask = 7;
    private const int ReceiveStreamData = 8;
    private const int AcknowledgedStreamData = 9;
    private const int StreamOpen = 10;
    private const int StreamClose = 11;
    private const int ReceiveStatelessReset = 12;
    private const int ReceiveRetry = 13;
    private const int ExtendLocalStreamsBidi = 14;
    private const int Random = 16;
    private const int NewConnectionId = 17;
    private const int RemoveConnectionId = 18;
    private const int UpdateKey = 19;
    private const int StreamReset = 22;
    private const int ExtendStreamData = 25;
    private const int DestinationCidStatus = 26;
    private const int HandshakeConfirmed = 27;
    private const int DeleteAead = 29;
    private const int DeleteCipher = 30;
    private const int ReceiveDatagram = 31;
    private const int LostDatagram = 33;
    private const int PathChallenge = 34;
    private const int StreamStopSending = 35;
    private const int VersionNegotiation = 36;

    private const uint StreamDataEnd = 1;
    private const uint StreamCloseHasError = 1;
    private const int CidActivated = 0;
    private const int Failure = NgtcpErrors.CallbackFailure;

    /// <summary>The table for one side of handshakes; its owner keeps it as long as there are connections.</summary>
    public static PinnedArray<nint> Table(NgtcpLibrary library, bool isServer)
    {
        NgtcpLibrary.CryptoCallbacks crypto = library.Crypto;
        PinnedArray<nint> table = new(TableLength);
        if (isServer)
        {
            table[ReceiveClientInitial] = crypto.ReceiveClientInitial;
        }
        else
        {
            table[ClientInitial] = crypto.ClientInitial;
            table[ReceiveRetry] = crypto.ReceiveRetry;
        }

        table[ReceiveCryptoData] = crypto.ReceiveCryptoData;
        table[Encrypt] = crypto.Encrypt;
        table[Decrypt] = crypto.Decrypt;
        table[HeaderMask] = crypto.HeaderMask;
        table[UpdateKey] = crypto.UpdateKey;
        table[DeleteAead] = crypto.DeleteAead;
        table[DeleteCipher] = crypto.DeleteCipher;
        table[PathChallenge] = crypto.PathChallenge;
        table[VersionNegotiation] = crypto.VersionNegotiation;

        table[HandshakeCompleted] = (nint)(delegate* unmanaged<void*, void*, int>)&OnHandshakeCompleted;
        table[HandshakeConfirmed] = (nint)(delegate* unmanaged<void*, void*, int>)&OnHandshakeConfirmed;
        table[ReceiveStreamData] =
            (nint)(delegate* unmanaged<void*, uint, long, ulong, byte*, nuint, void*, void*, int>)&OnStreamData;
        table[AcknowledgedStreamData] =
            (nint)(delegate* unmanaged<void*, long, ulong, ulong, void*, void*, int>)&OnStreamAcknowledged;
        table[StreamOpen] = (nint)(delegate* unmanaged<void*, long, void*, int>)&OnStreamOpen;
        table[StreamClose] = (nint)(delegate* unmanaged<void*, uint, long, ulong, void*, void*, int>)&OnStreamClose;
        table[StreamReset] = (nint)(delegate* unmanaged<void*, long, ulong, ulong, void*, void*, int>)&OnStreamReset;
        table[StreamStopSending] =
            (nint)(delegate* unmanaged<void*, long, ulong, void*, void*, int>)&OnStreamStopSending;
        table[ExtendLocalStreamsBidi] = (nint)(delegate* unmanaged<void*, ulong, void*, int>)&OnMoreStreams;
        table[ExtendStreamData] =
            (nint)(delegate* unmanaged<void*, long, ulong, void*, void*, int>)&OnStreamWindow;
        table[ReceiveDatagram] = (nint)(delegate* unmanaged<void*, uint, byte*, nuint, void*, int>)&OnDatagram;
        table[LostDatagram] = (nint)(delegate* unmanaged<void*, ulong, void*, int>)&OnDatagramLost;
        table[Random] = (nint)(delegate* unmanaged<byte*, nuint, void*, void>)&OnRandom;
        table[NewConnectionId] = (nint)(delegate* unmanaged<void*, NativeCid*, byte*, nuint, void*, int>)&OnNewCid;
        table[RemoveConnectionId] = (nint)(delegate* unmanaged<void*, NativeCid*, void*, int>)&OnRemoveCid;
        table[DestinationCidStatus] =
            (nint)(delegate* unmanaged<void*, int, ulong, NativeCid*, byte*, void*, int>)&OnDestinationCid;
        table[ReceiveStatelessReset] = (nint)(delegate* unmanaged<void*, void*, void*, int>)&OnStatelessReset;
        return table;
    }

    /// <summary>What the TLS helper finds the library's connection with.</summary>
    [UnmanagedCallersOnly]
    public static void* GetConnection(NativeConnectionReference* reference) => reference->Connection;

    private static QuicConnection? Find(void* user) => EndpointLoop.Current?.Connections.Find((ulong)user);

    private static int Answer(bool done) => done ? 0 : Failure;

    private static int Fault(Exception exception)
    {
        EndpointLoop.Current?.NoteFault(exception);
        return Failure;
    }

    [UnmanagedCallersOnly]
    private static int OnHandshakeCompleted(void* connection, void* user)
    {
        try
        {
            return Answer(Find(user)?.OnHandshakeCompleted() ?? false);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnHandshakeConfirmed(void* connection, void* user)
    {
        try
        {
            return Answer(Find(user)?.OnHandshakeConfirmed() ?? false);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnStreamData(
        void* connection, uint flags, long number, ulong offset, byte* data, nuint length, void* user, void* stream)
    {
        try
        {
            QuicConnection? found = Find(user);
            return Answer(found is not null && found.Streams.OnData(
                number, (ulong)stream, new ReadOnlySpan<byte>(data, (int)length), (flags & StreamDataEnd) != 0));
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnStreamAcknowledged(
        void* connection, long number, ulong offset, ulong length, void* user, void* stream)
    {
        try
        {
            return Answer(Find(user)?.Streams.OnAcknowledged((ulong)stream, offset + length) ?? false);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnStreamOpen(void* connection, long number, void* user)
    {
        try
        {
            return Answer(Find(user)?.Streams.OnOpened(number) ?? false);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnStreamClose(
        void* connection, uint flags, long number, ulong error, void* user, void* stream)
    {
        try
        {
            ulong code = (flags & StreamCloseHasError) != 0 ? error : 0;
            return Answer(Find(user)?.Streams.OnClosed(number, (ulong)stream, code) ?? false);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnStreamReset(
        void* connection, long number, ulong finalSize, ulong error, void* user, void* stream)
    {
        try
        {
            return Answer(Find(user)?.Streams.OnAbandoned((ulong)stream, error) ?? false);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnStreamStopSending(void* connection, long number, ulong error, void* user, void* stream)
    {
        try
        {
            return Answer(Find(user)?.Streams.OnAbandoned((ulong)stream, error) ?? false);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnMoreStreams(void* connection, ulong max, void* user)
    {
        try
        {
            Find(user)?.Streams.NoteMoreAllowed();
            return 0;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnStreamWindow(void* connection, long number, ulong max, void* user, void* stream)
    {
        try
        {
            Find(user)?.Streams.OnWindow((ulong)stream);
            return 0;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnDatagram(void* connection, uint flags, byte* data, nuint length, void* user)
    {
        try
        {
            return Answer(Find(user)?.OnDatagram(new ReadOnlySpan<byte>(data, (int)length)) ?? false);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnDatagramLost(void* connection, ulong id, void* user)
    {
        try
        {
            Find(user)?.NoteDatagramLost();
            return 0;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    // Without a connection: nothing in it can fail but the system's random source, without which nothing is safe.
    [UnmanagedCallersOnly]
    private static void OnRandom(byte* destination, nuint length, void* context) =>
        RandomNumberGenerator.Fill(new Span<byte>(destination, (int)length));

    [UnmanagedCallersOnly]
    private static int OnNewCid(void* connection, NativeCid* cid, byte* token, nuint length, void* user)
    {
        try
        {
            return Answer(Find(user)?.OnNewCid(cid, token, (int)length) ?? false);
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnRemoveCid(void* connection, NativeCid* cid, void* user)
    {
        try
        {
            Find(user)?.OnRemoveCid(new CidKey(cid->Bytes));
            return 0;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnDestinationCid(
        void* connection, int status, ulong sequence, NativeCid* cid, byte* token, void* user)
    {
        try
        {
            if (token != null)
            {
                Find(user)?.OnResetToken(new ReadOnlySpan<byte>(token, ResetTokens.Length), status == CidActivated);
            }

            return 0;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }

    [UnmanagedCallersOnly]
    private static int OnStatelessReset(void* connection, void* reset, void* user)
    {
        try
        {
            Find(user)?.NoteStatelessReset();
            return 0;
        }
        catch (Exception e)
        {
            return Fault(e);
        }
    }
}
#pragma warning restore CA1031
