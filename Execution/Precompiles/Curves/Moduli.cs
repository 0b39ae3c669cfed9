using Fragcast.Primitives;

namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>Order of bn254's base field (EIP-196).</summary>
internal readonly struct Bn254Modulus : IModulus256
{
    public static ulong P0 => 0x3C208C16D87CFD47;

    public static ulong P1 => 0x97816A916871CA8D;

    public static ulong P2 => 0xB85045B68181585D;

    public static ulong P3 => 0x30644E72E131A029;

    public static ulong NegativeInverse => 0x87D20782E4866389;

    public static UInt256 RSquared =>
        new(0xF32CFC5B538AFA89, 0xB5E71911D44501FB, 0x47AB1EFF0A417FF6, 0x06D89F71CAB8351F);

    public static bool HasSpareBit => true;
}

/// <summary>Order of the group of P-256 (FIPS 186-5).</summary>
internal readonly struct P256GroupModulus : IModulus256
{
    public static ulong P0 => 0xF3B9CAC2FC632551;

    public static ulong P1 => 0xBCE6FAADA7179E84;

    public static ulong P2 => 0xFFFFFFFFFFFFFFFF;

    public static ulong P3 => 0xFFFFFFFF00000000;

    public static ulong NegativeInverse => 0xCCD1C8AAEE00BC4F;

    public static UInt256 RSquared =>
        new(0x83244C95BE79EEA2, 0x4699799C49BD6FA6, 0x2845B2392B6BEC59, 0x66E12D94F3D95620);

    public static bool HasSpareBit => false;
}
