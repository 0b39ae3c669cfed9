using System.Buffers.Binary;
using System.Security.Cryptography;
using Fragcast.Execution.Evm;
using Fragcast.Primitives;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// What the execution layer asks of the consensus layer at the end of a block (EIP-7685): deposits (EIP-6110),
/// withdrawals (EIP-7002) and consolidations (EIP-7251).
/// </summary>
internal sealed class Requests(SystemCalls systemCalls)
{
    // Layout of the deposit event's data: five offsets, and then five byte strings, each behind its length and padded
    // to words. The event is accepted in just this form.
    private const int DepositDataLength = 576;
    private static readonly (int Offset, int Length)[] DepositFields =
        [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)];

    private static readonly int DepositLength = DepositFields.Sum(field => field.Length);

    private static readonly Hash256 DepositTopic =
        Hash256.Parse("0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");

    private static readonly Address Withdrawals = Address.Parse("0x00000961ef480eb55e80d19ad83579a64c007002");
    private static readonly Address Consolidations = Address.Parse("0x0000bbddc7ce488642fb579f8b00f3a590007251");

    /// <summary>Hash over no requests: that of the empty string.</summary>
    public static readonly Hash256 HashOfNone = Hash256.FromBytes(SHA256.HashData([]));

    /// <summary>Collects the requests of a block, and makes the calls that they come from.</summary>
    public BlockError Collect(BlockContext block, ChainSpec chain, IReadOnlyList<Receipt> receipts, out Hash256 hash)
    {
        hash = default;
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (!TryCollectDeposits(chain, receipts, out byte[] deposits)) return BlockError.BadDepositLog;
        AddRequests(all, 0, deposits);
        if (!systemCalls.TryCall(block, Withdrawals, [], out ReadOnlyMemory<byte> withdrawals))
            return BlockError.SystemCallFailed;
        AddRequests(all, 1, withdrawals.Span);
        if (!systemCalls.TryCall(block, Consolidations, [], out ReadOnlyMemory<byte> consolidations))
            return BlockError.SystemCallFailed;
        AddRequests(all, 2, consolidations.Span);
        hash = Hash256.FromBytes(all.GetHashAndReset());
        return BlockError.None;
    }

    /// <summary>
    /// The commitment is a hash over the hashes of each kind's list; kinds without requests are left out.
    /// </summary>
    private static void AddRequests(IncrementalHash all, byte kind, ReadOnlySpan<byte> requests)
    {
        if (requests.IsEmpty) return;
        all.AppendData(SHA256.HashData([kind, .. requests]));
    }

    private static bool TryCollectDeposits(ChainSpec chain, IReadOnlyList<Receipt> receipts, out byte[] deposits)
    {
        var collected = new MemoryStream();
        deposits = [];
        foreach (Receipt receipt in receipts)
        {
            foreach (Log log in receipt.Logs)
            {
                if (log.Address != chain.DepositContract || log.Topics is [] || log.Topics[0] != DepositTopic) continue;
                if (!TryAddDeposit(log.Data, collected)) return false;
            }
        }

        deposits = collected.ToArray();
        return true;
    }

    private static bool TryAddDeposit(ReadOnlySpan<byte> data, MemoryStream collected)
    {
        if (data.Length != DepositDataLength) return false;
        Span<byte> deposit = stackalloc byte[DepositLength];
        int written = 0;
        for (int i = 0; i < DepositFields.Length; i++)
        {
            (int offset, int length) = DepositFields[i];
            if (ReadWord(data[(i * 32)..]) != offset || ReadWord(data[offset..]) != length) return false;
            data.Slice(offset + 32, length).CopyTo(deposit[written..]);
            written += length;
        }

        collected.Write(deposit);
        return true;
    }

    /// <summary>A word as a number; one that is out of range reads as -1.</summary>
    private static int ReadWord(ReadOnlySpan<byte> data)
    {
        if (data[..28].ContainsAnyExcept((byte)0)) return -1;
        return BinaryPrimitives.ReadInt32BigEndian(data[28..]);
    }
}
