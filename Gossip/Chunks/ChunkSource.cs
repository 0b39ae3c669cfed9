using Fragcast.Gossip.Broadcast;
using Fragcast.Gossip.Chunks.Coding;
using Fragcast.Transport.Buffers;

namespace Fragcast.Gossip.Chunks;

/// <summary>
/// The proven chunks of one item as inputs of the code: which are used, and where their data lie. Shared by what puts
/// messages together and what makes chunks. One thread.
/// </summary>
internal sealed unsafe class ChunkSource
{
    private readonly byte[] _indices = new byte[ChunkLayout.TotalMax];
    private readonly nint[] _addresses = new nint[ChunkLayout.TotalMax];
    private readonly bool[] _isThere = new bool[ChunkLayout.TotalMax + 1];
    private int _count;

    /// <summary>The head of one of the chunks.</summary>
    public ChunkHead Head { get; private set; }

    /// <summary>Takes an item's chunks: of those that are there, data first, as many as are needed.</summary>
    /// <returns>False when they are too few, or not what the item says.</returns>
    public bool TrySet(in ItemHeader item, ReadOnlySpan<BufferLease> chunks, in ChunkSet have)
    {
        _count = 0;
        Array.Clear(_isThere);
        for (int i = 0; i < item.Total; i++)
        {
            if (!have.Contains((byte)i))
            {
                continue;
            }

            if (_count == 0 && !TrySetHead(item, chunks[i].Span))
            {
                return false;
            }

            _isThere[i] = true;
            if (_count < item.Data && (!item.IsCopied || IsFirstCopy(item.Data, i)))
            {
                _indices[_count] = (byte)i;
                _addresses[_count++] = (nint)(chunks[i].Pointer + Head.DataStart);
            }
        }

        return _count == item.Data;
    }

    /// <summary>Whether a chunk is there.</summary>
    public bool IsThere(int index) => _isThere[index];

    /// <summary>The data of a data chunk that is there, or of a copy of it; null if neither is.</summary>
    public byte* Find(int index)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_indices[i] == index || (Head.IsCopied && _indices[i] % Head.Data == index % Head.Data))
            {
                return (byte*)_addresses[i];
            }
        }

        return null;
    }

    /// <summary>Computes other chunks; not for copies.</summary>
    public void Compute(ReedSolomon code, ReadOnlySpan<byte> want, ReadOnlySpan<nint> outputs) => code.Compute(
        _indices.AsSpan(0, _count), _addresses.AsSpan(0, _count), want, outputs, Head.ChunkLength);

    private bool TrySetHead(in ItemHeader item, ReadOnlySpan<byte> chunk)
    {
        bool isGood = ChunkHead.TryRead(chunk, out ChunkHead head) == Refusal.None
            && head.Place == item.Place && head.Data == item.Data && head.Total == item.Total
            && head.SegmentLength == item.Length && head.Segments == item.Segments;
        Head = head;
        return isGood;
    }

    private bool IsFirstCopy(int data, int index)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_indices[i] % data == index % data)
            {
                return false;
            }
        }

        return true;
    }
}
