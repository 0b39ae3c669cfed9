namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// A finite field whose elements are a struct. Results may be the same variable as an operand. Time may depend on the
/// values: only public data passes through. The frequent operations are compiled with full optimisation at once: the
/// first pairing of a process would otherwise take thirty times as long as the following ones.
/// </summary>
internal interface IField<T>
    where T : unmanaged, IField<T>
{
    /// <summary>The neutral element of addition.</summary>
    static abstract T Zero { get; }

    /// <summary>The neutral element of multiplication.</summary>
    static abstract T One { get; }

    /// <summary>Whether the element is zero.</summary>
    bool IsZero { get; }

    /// <summary>r = a + b.</summary>
    static abstract void Add(in T a, in T b, out T r);

    /// <summary>r = a − b.</summary>
    static abstract void Subtract(in T a, in T b, out T r);

    /// <summary>r = a · b.</summary>
    static abstract void Multiply(in T a, in T b, out T r);

    /// <summary>r = a².</summary>
    static abstract void Square(in T a, out T r);

    /// <summary>r = 1 / a; zero for zero.</summary>
    static abstract void Invert(in T a, out T r);

    /// <summary>Whether both are the same element.</summary>
    static abstract bool AreEqual(in T a, in T b);
}

/// <summary>A field of prime order.</summary>
internal interface IPrimeField<T> : IField<T>
    where T : unmanaged, IPrimeField<T>
{
    /// <summary>The order, least significant limb first.</summary>
    static abstract ReadOnlySpan<ulong> Order { get; }

    /// <summary>Reads a big-endian number; false if it is not below the order.</summary>
    static abstract bool TryRead(ReadOnlySpan<byte> bytes, out T value);

    /// <summary>Writes the element as a big-endian number.</summary>
    void Write(Span<byte> bytes);

    /// <summary>r = a / 2.</summary>
    static abstract void Halve(in T a, out T r);
}

/// <summary>What follows from the operations of any field.</summary>
internal static class FieldOperations
{
    /// <summary>r = −a.</summary>
    public static void Negate<T>(in T a, out T r)
        where T : unmanaged, IField<T> => T.Subtract(T.Zero, a, out r);

    /// <summary>r = 3a.</summary>
    public static void Triple<T>(in T a, out T r)
        where T : unmanaged, IField<T>
    {
        T.Add(a, a, out var twice);
        T.Add(twice, a, out r);
    }

    /// <summary>r = a^exponent, four bits at a time; the exponent's least significant limb first.</summary>
    public static void Power<T>(in T a, ReadOnlySpan<ulong> exponent, out T r)
        where T : unmanaged, IField<T>
    {
        Span<T> powers = stackalloc T[16];
        powers[0] = T.One;
        for (var i = 1; i < powers.Length; i++)
        {
            T.Multiply(powers[i - 1], a, out powers[i]);
        }

        var result = T.One;
        for (var shift = (exponent.Length * 64) - 4; shift >= 0; shift -= 4)
        {
            for (var i = 0; i < 4; i++)
            {
                T.Square(result, out result);
            }

            T.Multiply(result, powers[(int)(exponent[shift >> 6] >> shift) & 15], out result);
        }

        r = result;
    }

    /// <summary>A small natural number as an element.</summary>
    public static T FromSmall<T>(int value)
        where T : unmanaged, IField<T>
    {
        var result = T.Zero;
        for (var i = 0; i < value; i++)
        {
            T.Add(result, T.One, out result);
        }

        return result;
    }
}
