using System.Runtime.CompilerServices;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>Steps of multi-limb arithmetic.</summary>
internal static class Limbs
{
    /// <summary>a · b + x; returns the high limb.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyAdd(ulong a, ulong b, ulong x, out ulong low)
    {
        var high = Math.BigMul(a, b, out var product);
        low = product + x;
        return high + (low < x ? 1UL : 0);
    }

    /// <summary>a · b + x + y, which always fits two limbs; returns the high one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MultiplyAdd(ulong a, ulong b, ulong x, ulong y, out ulong low)
    {
        var high = Math.BigMul(a, b, out var product);
        var sum = product + x;
        high += sum < x ? 1UL : 0;
        low = sum + y;
        return high + (low < y ? 1UL : 0);
    }

    /// <summary>a + b + carry with the carry, 0 or 1, updated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Add(ulong a, ulong b, ref ulong carry)
    {
        var sum = a + b;
        var overflow = sum < a ? 1UL : 0;
        var total = sum + carry;
        carry = overflow + (total < sum ? 1UL : 0);
        return total;
    }

    /// <summary>a − b − borrow with the borrow, 0 or 1, updated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Subtract(ulong a, ulong b, ref ulong borrow)
    {
        var difference = a - b;
        var underflow = a < b ? 1UL : 0;
        var total = difference - borrow;
        borrow = underflow + (difference < borrow ? 1UL : 0);
        return total;
    }

    /// <summary>The second value where the mask is all ones, else the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Select(ulong ifZeros, ulong ifOnes, ulong mask) => ifZeros ^ ((ifZeros ^ ifOnes) & mask);
}
