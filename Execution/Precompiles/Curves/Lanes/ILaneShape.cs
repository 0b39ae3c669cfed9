namespace Fragcast.Execution.Precompiles.Curves.Lanes;

/// <summary>How elements of a prime field, and the tower over it, are laid out in limbs of 28 bits.</summary>
internal interface ILaneShape
{
    /// <summary>Limbs of an element, 10 or 14: eleven bits or more than the order has.</summary>
    static abstract int Limbs { get; }

    /// <summary>−1 / order modulo 2^28.</summary>
    static abstract long NegativeInverse { get; }

    /// <summary>2^<see cref="InverseShift"/> divided by the order's last limb.</summary>
    static abstract long InverseOfLastLimb { get; }

    /// <summary>Binary places of <see cref="InverseOfLastLimb"/>.</summary>
    static abstract int InverseShift { get; }

    /// <summary>The real part of ξ, whose imaginary part is 1.</summary>
    static abstract long XiReal { get; }
}

/// <summary>BLS12-381: 14 limbs of 28 bits for 381 bits.</summary>
internal readonly struct BlsLaneShape : ILaneShape
{
    public static int Limbs => 14;

    public static long NegativeInverse => 0xFFCFFFD;

    // The last limb of the order and its fraction are 0x1A011.1E….
    public static long InverseOfLastLimb => 40323;

    public static int InverseShift => 32;

    public static long XiReal => 1;
}

/// <summary>bn254: 10 limbs of 28 bits for 254 bits.</summary>
internal readonly struct BnLaneShape : ILaneShape
{
    public static int Limbs => 10;

    public static long NegativeInverse => 0x4866389;

    // The last limb of the order and its fraction are 3.024….
    public static long InverseOfLastLimb => 1354;

    public static int InverseShift => 12;

    public static long XiReal => 9;
}
