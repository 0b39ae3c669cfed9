using System.Buffers;
using Fragcast.Execution.Precompiles.Curves;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles;

/// <summary>0x0c and 0x0e: sums of multiples of points of BLS12-381 (EIP-2537).</summary>
internal static class BlsMultiScalar
{
    private const int ScalarLength = 32;
    private const int G1PairLength = BlsEncoding.G1Length + ScalarLength;
    private const int G2PairLength = BlsEncoding.G2Length + ScalarLength;
    private const long G1MultiplyPrice = 12000;
    private const long G2MultiplyPrice = 22500;

    // Pairs decoded at once: bounds memory for any length of input.
    private const int PairsAtOnce = 32;

    // Thousandths of the price of as many multiplications, by number of pairs from 1 on; the last holds for more.
    private static ReadOnlySpan<short> G1Discounts =>
    [
        1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677,
        673, 669, 665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627,
        625, 623, 621, 619, 617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598,
        596, 595, 593, 592, 591, 589, 588, 586, 585, 584, 582, 581, 580, 579, 577, 576,
        575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559,
        558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544,
        543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531,
        530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519,
    ];

    private static ReadOnlySpan<short> G2Discounts =>
    [
        1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717,
        711, 704, 699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646,
        643, 640, 637, 634, 632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607,
        606, 604, 602, 600, 598, 597, 595, 593, 592, 590, 589, 587, 586, 584, 583, 582,
        580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562,
        561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547,
        546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535,
        534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524,
    ];

    public static long G1Price(ReadOnlySpan<byte> input) =>
        Price(input.Length / G1PairLength, G1MultiplyPrice, G1Discounts);

    public static long G2Price(ReadOnlySpan<byte> input) =>
        Price(input.Length / G2PairLength, G2MultiplyPrice, G2Discounts);

    public static bool G1(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.IsEmpty || input.Length % G1PairLength != 0)
        {
            return false;
        }

        var sum = default(BlsG1Jacobian);
        var points = ArrayPool<BlsG1>.Shared.Rent(PairsAtOnce);
        var isGood = true;
        for (; !input.IsEmpty && isGood; input = input[Math.Min(input.Length, PairsAtOnce * G1PairLength)..])
        {
            isGood = TryAdd(input[..Math.Min(input.Length, PairsAtOnce * G1PairLength)], points, ref sum);
        }

        ArrayPool<BlsG1>.Shared.Return(points);
        if (isGood)
        {
            sum.ToAffine(out var result);
            BlsEncoding.Write(result, output);
        }

        return isGood;
    }

    public static bool G2(ReadOnlySpan<byte> input, PrecompileOutput output)
    {
        if (input.IsEmpty || input.Length % G2PairLength != 0)
        {
            return false;
        }

        var sum = default(BlsG2Jacobian);
        var points = ArrayPool<BlsG2>.Shared.Rent(PairsAtOnce);
        var isGood = true;
        for (; !input.IsEmpty && isGood; input = input[Math.Min(input.Length, PairsAtOnce * G2PairLength)..])
        {
            isGood = TryAdd(input[..Math.Min(input.Length, PairsAtOnce * G2PairLength)], points, ref sum);
        }

        ArrayPool<BlsG2>.Shared.Return(points);
        if (isGood)
        {
            sum.ToAffine(out var result);
            BlsEncoding.Write(result, output);
        }

        return isGood;
    }

    private static bool TryAdd(ReadOnlySpan<byte> input, Span<BlsG1> points, ref BlsG1Jacobian sum)
    {
        Span<UInt256> scalars = stackalloc UInt256[PairsAtOnce];
        var count = 0;
        for (; !input.IsEmpty; input = input[G1PairLength..])
        {
            if (!BlsEncoding.TryRead(input[..BlsEncoding.G1Length], out points[count]))
            {
                return false;
            }

            scalars[count++] = UInt256.FromBigEndian(input[BlsEncoding.G1Length..G1PairLength]);
        }

        if (!BlsGroups.AreInGroup(points[..count]))
        {
            return false;
        }

        var parts = ArrayPool<BlsG1>.Shared.Rent(PairsAtOnce * BlsGroups.G1Parts);
        Span<UInt256> partScalars = stackalloc UInt256[PairsAtOnce * BlsGroups.G1Parts];
        var partCount = 0;
        for (var i = 0; i < count; i++)
        {
            partCount += BlsGroups.Split(points[i], scalars[i], parts.AsSpan(partCount), partScalars[partCount..]);
        }

        MultiScalar<BlsField, BlsG1Curve>.Add(parts.AsSpan(0, partCount), partScalars[..partCount], ref sum);
        ArrayPool<BlsG1>.Shared.Return(parts);
        return true;
    }

    private static bool TryAdd(ReadOnlySpan<byte> input, Span<BlsG2> points, ref BlsG2Jacobian sum)
    {
        Span<UInt256> scalars = stackalloc UInt256[PairsAtOnce];
        var count = 0;
        for (; !input.IsEmpty; input = input[G2PairLength..])
        {
            if (!BlsEncoding.TryRead(input[..BlsEncoding.G2Length], out points[count]))
            {
                return false;
            }

            scalars[count++] = UInt256.FromBigEndian(input[BlsEncoding.G2Length..G2PairLength]);
        }

        if (!BlsGroups.AreInGroup(points[..count]))
        {
            return false;
        }

        var parts = ArrayPool<BlsG2>.Shared.Rent(PairsAtOnce * BlsGroups.G2Parts);
        Span<UInt256> partScalars = stackalloc UInt256[PairsAtOnce * BlsGroups.G2Parts];
        var partCount = 0;
        for (var i = 0; i < count; i++)
        {
            partCount += BlsGroups.Split(points[i], scalars[i], parts.AsSpan(partCount), partScalars[partCount..]);
        }

        MultiScalar<BlsField2, BlsG2Curve>.Add(parts.AsSpan(0, partCount), partScalars[..partCount], ref sum);
        ArrayPool<BlsG2>.Shared.Return(parts);
        return true;
    }

    private static long Price(int pairs, long multiplyPrice, ReadOnlySpan<short> discounts) =>
        pairs == 0 ? 0 : pairs * multiplyPrice * discounts[Math.Min(pairs, discounts.Length) - 1] / 1000;
}
