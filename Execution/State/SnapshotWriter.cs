using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.State;

/// <summary>Writes snapshots (<see cref="SnapshotLayout"/>).</summary>
internal sealed class SnapshotWriter : IDisposable
{
    private readonly Stream _file;
    private readonly IncrementalHash _checksum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _used;

    private SnapshotWriter(Stream file) => _file = file;

    /// <summary>As <see cref="StateSnapshot.Write"/>.</summary>
    public static void Write(string path, BlockHeader header, MemoryStateSource state)
    {
        string unfinished = path + ".part";
        try
        {
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 0))
            using (var writer = new SnapshotWriter(file))
            {
                writer.WriteAll(header, state);
                file.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotException($"{path}: the snapshot can't be written: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _checksum.Dispose();

    private void WriteAll(BlockHeader header, MemoryStateSource state)
    {
        Address[] addresses = [.. state.Accounts.Order()];
        Dictionary<Hash256, int> codes = NumberCodes(state, addresses);
        WriteHead(header, addresses.Length, state.Storage.Count, codes.Count);
        foreach (Hash256 hash in codes.Keys)
        {
            ReadOnlySpan<byte> code = state.GetCode(hash).Span;
            WriteVarint((ulong)code.Length);
            Write(code);
        }

        WriteAccounts(state, addresses, codes);
        Flush();
        _file.Write(_checksum.GetHashAndReset());
    }

    /// <summary>The codes that accounts have, numbered from 1 in the order in which they stand in the file.</summary>
    private static Dictionary<Hash256, int> NumberCodes(MemoryStateSource state, Address[] addresses)
    {
        var codes = new Dictionary<Hash256, int>();
        foreach (Address address in addresses)
        {
            state.TryGetAccount(address, out AccountData account);
            if (account.CodeHash != Keccak256.EmptyString) codes.TryAdd(account.CodeHash, codes.Count + 1);
        }

        return codes;
    }

    private void WriteHead(BlockHeader header, int accounts, int slots, int codes)
    {
        byte[] rlp = header.Encode();
        Span<byte> head = stackalloc byte[SnapshotLayout.HeadLength];
        SnapshotLayout.Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head[SnapshotLayout.VersionOffset..], SnapshotLayout.Version);
        header.StateRoot.CopyTo(head[SnapshotLayout.RootOffset..]);
        BinaryPrimitives.WriteInt64LittleEndian(head[SnapshotLayout.AccountCountOffset..], accounts);
        BinaryPrimitives.WriteInt64LittleEndian(head[SnapshotLayout.SlotCountOffset..], slots);
        BinaryPrimitives.WriteInt64LittleEndian(head[SnapshotLayout.CodeCountOffset..], codes);
        BinaryPrimitives.WriteInt32LittleEndian(head[SnapshotLayout.HeaderLengthOffset..], rlp.Length);
        Write(head);
        Write(rlp);
    }

    private void WriteAccounts(MemoryStateSource state, Address[] addresses, Dictionary<Hash256, int> codes)
    {
        KeyValuePair<(Address Account, UInt256 Key), UInt256>[] slots = [.. state.Storage];
        Array.Sort(slots, static (a, b) =>
            a.Key.Account.CompareTo(b.Key.Account) is var order and not 0 ? order : a.Key.Key.CompareTo(b.Key.Key));
        int next = 0;
        foreach (Address address in addresses)
        {
            state.TryGetAccount(address, out AccountData account);
            int end = next;
            while (end < slots.Length && slots[end].Key.Account == address) end++;
            Write(address.Bytes);
            WriteVarint(account.Nonce);
            WriteWord(account.Balance);
            WriteVarint((ulong)codes.GetValueOrDefault(account.CodeHash));
            WriteVarint((ulong)(end - next));
            for (; next < end; next++)
            {
                WriteWord(slots[next].Key.Key);
                WriteWord(slots[next].Value);
            }
        }
    }

    private void WriteVarint(ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        int length = 0;
        for (; value >= 0x80; value >>= 7) bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
        Write(bytes[..length]);
    }

    private void WriteWord(in UInt256 value)
    {
        Span<byte> bytes = stackalloc byte[1 + UInt256.Size];
        value.WriteBigEndian(bytes[1..]);
        int start = UInt256.Size - value.ByteLength;
        bytes[start] = (byte)value.ByteLength;
        Write(bytes[start..]);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _used) Flush();
        if (bytes.Length > _buffer.Length)
        {
            _checksum.AppendData(bytes);
            _file.Write(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    private void Flush()
    {
        _checksum.AppendData(_buffer.AsSpan(0, _used));
        _file.Write(_buffer.AsSpan(0, _used));
        _used = 0;
    }
}
