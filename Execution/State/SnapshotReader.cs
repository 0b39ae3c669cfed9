using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Execution.Trie;
using Fragcast.Primitives;
using Fragcast.Primitives.Blocks;

namespace Fragcast.Execution.State;

/// <summary>
/// Reads snapshots (<see cref="SnapshotLayout"/>). Nothing that a file claims makes it allocate more than the file has.
/// </summary>
internal sealed class SnapshotReader : IDisposable
{
    private readonly string _path;
    private readonly Stream _file;
    private readonly IncrementalHash _checksum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[1 << 16];
    private long _unread;
    private int _position;
    private int _filled;

    private SnapshotReader(string path, Stream file)
    {
        _path = path;
        _file = file;
        _unread = file.Length - SnapshotLayout.ChecksumLength;
    }

    private long Left => _unread + _filled - _position;

    /// <summary>As <see cref="StateSnapshot.Read"/>.</summary>
    public static StateSnapshot Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
            using var reader = new SnapshotReader(path, file);
            return reader.ReadAll();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotException($"{path}: the snapshot can't be read: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _checksum.Dispose();

    private StateSnapshot ReadAll()
    {
        if (Left < SnapshotLayout.HeadLength) throw Wrong("it is too short to be one");
        Span<byte> head = stackalloc byte[SnapshotLayout.HeadLength];
        ReadBytes(head);
        if (!head.StartsWith(SnapshotLayout.Magic)) throw Wrong("it does not begin as one");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(head[SnapshotLayout.VersionOffset..]);
        if (version != SnapshotLayout.Version)
            throw Wrong($"it has version {version}, and this reads version {SnapshotLayout.Version}");
        Hash256 root = Hash256.FromBytes(head.Slice(SnapshotLayout.RootOffset, Hash256.Size));
        ulong accounts = BinaryPrimitives.ReadUInt64LittleEndian(head[SnapshotLayout.AccountCountOffset..]);
        ulong slots = BinaryPrimitives.ReadUInt64LittleEndian(head[SnapshotLayout.SlotCountOffset..]);
        ulong codes = BinaryPrimitives.ReadUInt64LittleEndian(head[SnapshotLayout.CodeCountOffset..]);
        uint headerLength = BinaryPrimitives.ReadUInt32LittleEndian(head[SnapshotLayout.HeaderLengthOffset..]);
        BlockHeader header = ReadHeader(headerLength);
        if (header.StateRoot != root) throw Damaged();

        MemoryStateSource state = new();
        ReadAccounts(state, ReadCodes(codes), accounts, slots);
        CheckEnd();
        StateTrie trie = StateSnapshot.BuildTrie(state);
        return trie.Root == root
            ? new StateSnapshot(header, state, trie)
            : throw Wrong($"its content has the state root {trie.Root}, and its head states {root}");
    }

    private BlockHeader ReadHeader(uint length)
    {
        if (length > SnapshotLayout.HeaderLengthMax) throw Damaged();
        BlockDecodeError error = BlockHeader.TryDecode(ReadArray((int)length), out BlockHeader? header);
        return error == BlockDecodeError.None ? header! : throw Damaged();
    }

    private List<byte[]> ReadCodes(ulong count)
    {
        var codes = new List<byte[]>();
        for (ulong i = 0; i < count; i++)
        {
            ulong length = ReadVarint();
            if (length is 0 or > SnapshotLayout.CodeLengthMax) throw Damaged();
            codes.Add(ReadArray((int)length));
        }

        return codes;
    }

    private void ReadAccounts(MemoryStateSource state, List<byte[]> codes, ulong count, ulong slots)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        Address last = default;
        for (ulong i = 0; i < count; i++)
        {
            ReadBytes(bytes);
            Address address = Address.FromBytes(bytes);
            if (i > 0 && address.CompareTo(last) <= 0) throw Damaged();
            last = address;
            ulong nonce = ReadVarint();
            UInt256 balance = ReadWord();
            ulong code = ReadVarint();
            if (code > (ulong)codes.Count) throw Damaged();
            state.SetAccount(address, balance, nonce, code == 0 ? default : codes[(int)code - 1].AsSpan());
            ulong slotCount = ReadVarint();
            if (slotCount > slots) throw Damaged();
            slots -= slotCount;
            ReadSlots(state, address, slotCount);
        }

        if (slots != 0) throw Damaged();
    }

    private void ReadSlots(MemoryStateSource state, in Address address, ulong count)
    {
        UInt256 last = default;
        for (ulong i = 0; i < count; i++)
        {
            UInt256 key = ReadWord();
            if (i > 0 && key <= last) throw Damaged();
            last = key;
            UInt256 value = ReadWord();
            if (value.IsZero) throw Damaged();
            state.SetStorage(address, key, value);
        }
    }

    private void CheckEnd()
    {
        if (Left != 0) throw Damaged();
        _checksum.AppendData(_buffer.AsSpan(0, _filled));
        Span<byte> stated = stackalloc byte[SnapshotLayout.ChecksumLength];
        _file.ReadExactly(stated);
        if (!stated.SequenceEqual(_checksum.GetHashAndReset()))
            throw Wrong("it is damaged: its checksum does not match");
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            if (shift == 63 && next > 1) break;
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw Damaged();
    }

    private UInt256 ReadWord()
    {
        int length = ReadByte();
        if (length > UInt256.Size) throw Damaged();
        Span<byte> bytes = stackalloc byte[UInt256.Size];
        bytes.Clear();
        ReadBytes(bytes[^length..]);
        return UInt256.FromBigEndian(bytes);
    }

    private byte ReadByte()
    {
        if (_position == _filled) Fill();
        return _buffer[_position++];
    }

    private byte[] ReadArray(int length)
    {
        if (length > Left) throw Damaged();
        var bytes = new byte[length];
        ReadBytes(bytes);
        return bytes;
    }

    private void ReadBytes(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_position == _filled) Fill();
            int length = Math.Min(bytes.Length, _filled - _position);
            _buffer.AsSpan(_position, length).CopyTo(bytes);
            _position += length;
            bytes = bytes[length..];
        }
    }

    private void Fill()
    {
        _checksum.AppendData(_buffer.AsSpan(0, _filled));
        _position = _filled = 0;
        if (_unread <= 0) throw Damaged();
        _filled = _file.Read(_buffer.AsSpan(0, (int)Math.Min(_buffer.Length, _unread)));
        if (_filled == 0) throw Damaged();
        _unread -= _filled;
    }

    private SnapshotException Damaged() => Wrong("it is damaged");

    private SnapshotException Wrong(string problem) => new($"{_path}: the snapshot can't be used: {problem}");
}
