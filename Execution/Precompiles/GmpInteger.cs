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

    /// <summary>Frees the number.</summary>
    public void Dispose()
    {
        fixed (Mpz* value = &_value)
        {
            Native.Clear(value);
        }
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

        private static nint Function(string name) => NativeLibraries.Function(Handle, name, Library, Package);
    }
}
