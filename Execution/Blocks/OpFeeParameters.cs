using System.Buffers.Binary;
using Fragcast.Execution.Evm;

namespace Fragcast.Execution.Blocks;

/// <summary>
/// The base-fee parameters that the extra data of an OP-stack header carries, for the block after it.
/// </summary>
/// <remarks>
/// <code>
///  0         1                5               9                      17
///  +---------+----------------+---------------+----------------------+
///  | version | denominator u32| elasticity u32| minimum base fee u64 |   big endian
///  +---------+----------------+---------------+----------------------+
/// </code>
/// Holocene: version 0, without the minimum. Jovian: version 1. (OP specification, "Holocene" and "Jovian: Execution
/// Engine")
/// </remarks>
/// <param name="Denominator">How slowly the base fee changes; not zero.</param>
/// <param name="Elasticity">Gas limit by gas target; not zero.</param>
/// <param name="MinBaseFee">The base fee is at least this many wei.</param>
public readonly record struct OpFeeParameters(uint Denominator, uint Elasticity, ulong MinBaseFee)
{
    private const int HoloceneLength = 9;
    private const int JovianLength = 17;

    /// <summary>
    /// Reads the extra data of a header that has the given rules; before Holocene there is none to read.
    /// </summary>
    public static bool TryDecode(OpFork fork, ReadOnlySpan<byte> extraData, out OpFeeParameters parameters)
    {
        parameters = default;
        bool isJovian = fork >= OpFork.Jovian;
        if (extraData.Length != (isJovian ? JovianLength : HoloceneLength)) return false;
        if (extraData[0] != (isJovian ? 1 : 0)) return false;
        parameters = new OpFeeParameters(
            BinaryPrimitives.ReadUInt32BigEndian(extraData[1..]),
            BinaryPrimitives.ReadUInt32BigEndian(extraData[5..]),
            isJovian ? BinaryPrimitives.ReadUInt64BigEndian(extraData[9..]) : 0);
        return parameters.Denominator != 0 && parameters.Elasticity != 0;
    }

    /// <summary>The extra data of a header with the given rules; empty before Holocene.</summary>
    public byte[] Encode(OpFork fork)
    {
        if (fork < OpFork.Holocene) return [];
        var extraData = new byte[fork >= OpFork.Jovian ? JovianLength : HoloceneLength];
        BinaryPrimitives.WriteUInt32BigEndian(extraData.AsSpan(1), Denominator);
        BinaryPrimitives.WriteUInt32BigEndian(extraData.AsSpan(5), Elasticity);
        if (fork >= OpFork.Jovian)
        {
            extraData[0] = 1;
            BinaryPrimitives.WriteUInt64BigEndian(extraData.AsSpan(HoloceneLength), MinBaseFee);
        }

        return extraData;
    }
}
