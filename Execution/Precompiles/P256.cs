using Fragcast.Execution.Precompiles.Curves;
using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles;

/// <summary>
/// Verification of ECDSA signatures on P-256, also known as secp256r1 (FIPS 186-5). The scalars are computed here; the
/// points by OpenSSL's assembly, which is five times as fast as portable code.
/// </summary>
internal static unsafe class P256
{
    private const int Length = 32;

    private static UInt256 FieldOrder => new(0xFFFFFFFFFFFFFFFF, 0x00000000FFFFFFFF, 0, 0xFFFFFFFF00000001);

    private static UInt256 Order => new(
        P256GroupModulus.P0, P256GroupModulus.P1, P256GroupModulus.P2, P256GroupModulus.P3);

    /// <summary>
    /// Whether (r, s) signs the digest under the key (x, y); false also for numbers out of range and for keys that are
    /// not points of the curve. Numbers are 32 big-endian bytes each. Thread-safe.
    /// </summary>
    public static bool Verify(
        ReadOnlySpan<byte> digest,
        ReadOnlySpan<byte> r,
        ReadOnlySpan<byte> s,
        ReadOnlySpan<byte> x,
        ReadOnlySpan<byte> y)
    {
        if (!P256Scalar.TryRead(r, out var rScalar)
            || !P256Scalar.TryRead(s, out var sScalar)
            || rScalar.IsZero
            || sScalar.IsZero
            || UInt256.FromBigEndian(x) >= FieldOrder
            || UInt256.FromBigEndian(y) >= FieldOrder)
        {
            return false;
        }

        P256Scalar.Invert(sScalar, out var inverse);
        P256Scalar.Multiply(P256Scalar.FromInteger(ReduceOnce(UInt256.FromBigEndian(digest))), inverse, out var u1);
        P256Scalar.Multiply(rScalar, inverse, out var u2);
        Span<byte> numbers = stackalloc byte[2 * Length];
        u1.Write(numbers);
        u2.Write(numbers[Length..]);
        Span<byte> sumX = stackalloc byte[Length];
        return TryAdd(numbers[..Length], numbers[Length..], x, y, sumX)
            && ReduceOnce(UInt256.FromBigEndian(sumX)) == rScalar.ToInteger();
    }

    // The order exceeds 2^255: at most one subtraction brings a number of 256 bits below it.
    private static UInt256 ReduceOnce(in UInt256 value) => value < Order ? value : value - Order;

    // x-coordinate of u1 · G + u2 · (x, y); false if (x, y) is not on the curve or the sum is at infinity. The library
    // would reduce coordinates that are not below the field's order: the caller has refused those.
    private static bool TryAdd(
        ReadOnlySpan<byte> u1, ReadOnlySpan<byte> u2, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y, Span<byte> sumX)
    {
        var key = Native.NewPoint(Native.Group);
        var context = Native.NewContext();
        var (a, b) = (Number(x), Number(y));
        var isGood = Native.SetAffine(Native.Group, key, a, b, context) == 1;
        if (isGood)
        {
            var (m, n) = (Number(u1), Number(u2));
            isGood = Native.Multiply(Native.Group, key, m, key, n, context) == 1
                && Native.GetAffine(Native.Group, key, a, b, context) == 1;
            Native.FreeNumber(m);
            Native.FreeNumber(n);
        }

        if (isGood)
        {
            fixed (byte* bytes = sumX)
            {
                Native.WriteNumber(a, bytes, Length);
            }
        }
        else
        {
            // The library keeps what went wrong for the thread.
            Native.ClearErrors();
        }

        Native.FreeNumber(a);
        Native.FreeNumber(b);
        Native.FreeContext(context);
        Native.FreePoint(key);
        return isGood;
    }

    private static nint Number(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            return Native.ReadNumber(first, bytes.Length, 0);
        }
    }

    private static class Native
    {
        // NID_X9_62_prime256v1 of obj_mac.h.
        private const int CurveName = 415;

        public static readonly delegate* unmanaged<nint, nint> NewPoint =
            (delegate* unmanaged<nint, nint>)LibCrypto.Function("EC_POINT_new");

        public static readonly delegate* unmanaged<nint, void> FreePoint =
            (delegate* unmanaged<nint, void>)LibCrypto.Function("EC_POINT_free");

        public static readonly delegate* unmanaged<nint> NewContext =
            (delegate* unmanaged<nint>)LibCrypto.Function("BN_CTX_new");

        public static readonly delegate* unmanaged<nint, void> FreeContext =
            (delegate* unmanaged<nint, void>)LibCrypto.Function("BN_CTX_free");

        public static readonly delegate* unmanaged<byte*, int, nint, nint> ReadNumber =
            (delegate* unmanaged<byte*, int, nint, nint>)LibCrypto.Function("BN_bin2bn");

        public static readonly delegate* unmanaged<nint, byte*, int, int> WriteNumber =
            (delegate* unmanaged<nint, byte*, int, int>)LibCrypto.Function("BN_bn2binpad");

        public static readonly delegate* unmanaged<nint, void> FreeNumber =
            (delegate* unmanaged<nint, void>)LibCrypto.Function("BN_free");

        public static readonly delegate* unmanaged<nint, nint, nint, nint, nint, int> SetAffine =
            (delegate* unmanaged<nint, nint, nint, nint, nint, int>)
            LibCrypto.Function("EC_POINT_set_affine_coordinates");

        public static readonly delegate* unmanaged<nint, nint, nint, nint, nint, int> GetAffine =
            (delegate* unmanaged<nint, nint, nint, nint, nint, int>)
            LibCrypto.Function("EC_POINT_get_affine_coordinates");

        public static readonly delegate* unmanaged<nint, nint, nint, nint, nint, nint, int> Multiply =
            (delegate* unmanaged<nint, nint, nint, nint, nint, nint, int>)LibCrypto.Function("EC_POINT_mul");

        public static readonly delegate* unmanaged<void> ClearErrors =
            (delegate* unmanaged<void>)LibCrypto.Function("ERR_clear_error");

        private static readonly delegate* unmanaged<int, nint> NewGroup =
            (delegate* unmanaged<int, nint>)LibCrypto.Function("EC_GROUP_new_by_curve_name");

        /// <summary>The curve, made once; only read afterwards.</summary>
        public static readonly nint Group = NewGroup(CurveName);
    }
}
