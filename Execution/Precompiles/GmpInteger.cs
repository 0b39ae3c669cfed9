using Fragcast.Primitives.Crypto;

namespace Fragcast.Execution.Precompiles;

/// <summary>
/// A natural number of any length in the system's GMP library. Time depends on the values: not for secrets.
/// </summary>
internal unsafe ref struct GmpInteger
{
    private const int BigEndian = 1;

    private Mpz _value;

    /// <summary>
    /// The big-endian number of <paramref name="length"/> bytes that starts with <paramref name="present"/> and goes on
    /// with zeros.
    /// </summary>
    public GmpInteger(ReadOnlySpan<byte> present, int length)
    {
        fixed (Mpz* value = &_value)
        fixed (byte* bytes = present)
        {
            Native.Init(value);
            Native.Import(value, (nuint)present.Length, BigEndian, 1, BigEndian, 0, bytes);
            if (value->Size != 0 && length > present.Length)
            {
                Native.ShiftLeft(value, value, 8 * (ulong)(length - present.Length));
            }
        }
    }

    // mpz_t of gmp.h: capacity and size in limbs, and the limbs.
    private struct Mpz
    {
        public int Capacity;
        public int Size;
        public ulong* Limbs;
    }

    /// <summary>
    /// Writes base^exponent mod modulus, modulus not zero, to the end of zeroed <paramref name="result"/>, which has
    /// room for the modulus.
    /// </summary>
    public static void PowMod(
        in GmpInteger @base, in GmpInteger exponent, in GmpInteger modulus, Span<byte> result)
    {
        Mpz power;
        Native.Init(&power);
        fixed (Mpz* b = &@base._value)
        fixed (Mpz* e = &exponent._value)
        fixed (Mpz* m = &modulus._value)
        {
            Native.PowMod(&power, b, e, m);
        }

        if (power.Size != 0)
        {
            var length = (int)((Native.SizeInBase(&power, 2) + 7) / 8);
            fixed (byte* target = result[^length..])
            {
                Native.Export(target, null, BigEndian, 1, BigEndian, 0, &power);
            }
        }

        Native.Clear(&power);
    }

    /// <summary>
    /// Replaces the number of <paramref name="count"/> limbs, least significant first and below the modulus, by its
    /// inverse; by zero if it has none.
    /// </summary>
    public static void InvertLimbs(ulong* number, ulong* modulus, int count)
    {
        var a = new Mpz { Capacity = count, Size = SizeOf(number, count), Limbs = number };
        var m = new Mpz { Capacity = count, Size = SizeOf(modulus, count), Limbs = modulus };
        Mpz inverse;
        Native.Init(&inverse);
        if (a.Size == 0 || Native.Invert(&inverse, &a, &m) == 0)
        {
            inverse.Size = 0;
        }

        for (var i = 0; i < count; i++)
        {
            number[i] = i < inverse.Size ? inverse.Limbs[i] : 0;
        }

        Native.Clear(&inverse);
    }

    /// <summary>Frees the number.</summary>
    public void Dispose()
    {
        fixed (Mpz* value = &_value)
        {
            Native.Clear(value);
        }
    }

    private static int SizeOf(ulong* limbs, int count)
    {
        while (count > 0 && limbs[count - 1] == 0)
        {
            count--;
        }

        return count;
    }

    private static class Native
    {
        private const string Library = "libgmp";
        private const string Package = "libgmp10";

        private static readonly nint Handle = NativeLibraries.Load(Library, Package, "libgmp.so.10", "libgmp.so");

        public static readonly delegate* unmanaged<Mpz*, void> Init =
            (delegate* unmanaged<Mpz*, void>)Function("__gmpz_init");

        public static readonly delegate* unmanaged<Mpz*, void> Clear =
            (delegate* unmanaged<Mpz*, void>)Function("__gmpz_clear");

        public static readonly delegate* unmanaged<Mpz*, nuint, int, nuint, int, nuint, byte*, void> Import =
            (delegate* unmanaged<Mpz*, nuint, int, nuint, int, nuint, byte*, void>)Function("__gmpz_import");

        public static readonly delegate* unmanaged<byte*, nuint*, int, nuint, int, nuint, Mpz*, byte*> Export =
            (delegate* unmanaged<byte*, nuint*, int, nuint, int, nuint, Mpz*, byte*>)Function("__gmpz_export");

        public static readonly delegate* unmanaged<Mpz*, Mpz*, ulong, void> ShiftLeft =
            (delegate* unmanaged<Mpz*, Mpz*, ulong, void>)Function("__gmpz_mul_2exp");

        public static readonly delegate* unmanaged<Mpz*, int, nuint> SizeInBase =
            (delegate* unmanaged<Mpz*, int, nuint>)Function("__gmpz_sizeinbase");

        public static readonly delegate* unmanaged<Mpz*, Mpz*, Mpz*, Mpz*, void> PowMod =
            (delegate* unmanaged<Mpz*, Mpz*, Mpz*, Mpz*, void>)Function("__gmpz_powm");

        public static readonly delegate* unmanaged<Mpz*, Mpz*, Mpz*, int> Invert =
            (delegate* unmanaged<Mpz*, Mpz*, Mpz*, int>)Function("__gmpz_invert");

        private static nint Function(string name) => NativeLibraries.Function(Handle, name, Library, Package);
    }
}
