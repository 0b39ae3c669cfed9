namespace Fragcast.Execution.Precompiles.Curves.Lanes;

/// <summary>Raising to the power of the order, in lanes.</summary>
internal static class LaneFrobenius<TField, TTower, TShape>
    where TField : unmanaged, IPrimeField<TField>
    where TTower : unmanaged, ITower<TField>
    where TShape : struct, ILaneShape
{
    /// <summary>What multiplies the conjugates of the coefficients of w⁰ to w⁵.</summary>
    public static readonly LaneFp12<TField, TTower, TShape> Factors = Create();

    private static LaneFp12<TField, TTower, TShape> Create()
    {
        var powers = Curves.Frobenius<TField, TTower>.Powers;
        var factors = default(Fp12<TField, TTower>);
        (factors.C0.C0, factors.C0.C1, factors.C0.C2) = (powers[0], powers[2], powers[4]);
        (factors.C1.C0, factors.C1.C1, factors.C1.C2) = (powers[1], powers[3], powers[5]);
        LaneFp12<TField, TTower, TShape>.From(factors, out var lanes);
        return lanes;
    }
}
