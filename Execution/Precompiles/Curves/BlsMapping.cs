namespace Fragcast.Execution.Precompiles.Curves;

/// <summary>
/// Maps field elements to points of G1 and G2: the simplified SWU map to an isogenous curve, the isogeny, and the
/// clearing of the cofactor (RFC 9380, sections 6.6.3 and 8.8; EIP-2537).
/// </summary>
internal static class BlsMapping
{
    private const string G1A =
        "00144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8e8981aefd881ac98936f8da0e0f97f5cf428082d584c1d";

    private const string G1B =
        "12e2908d11688030018b12e8753eee3b2016c1f0f24f4070a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0";

    private static readonly Swu<BlsField> G1Map = new(
        BlsGroups.Parse(G1A), BlsGroups.Parse(G1B), FieldOperations.FromSmall<BlsField>(11));

    private static readonly Swu<BlsField2> G2Map = new(
        Fp2Of(0, 240), Fp2Of(1012, 1012), Negate(Fp2Of(2, 1)));

    /// <summary>The point of G1 for an element of the field.</summary>
    public static void ToG1(in BlsField u, out BlsG1 r)
    {
        G1Map.Map(u, SquareRoots<BlsField>.TryFind, static (in a) => a.IsOdd, out var x, out var y);
        Isogeny<BlsField>.Apply(BlsIsogenies.G1, ref x, ref y);
        BlsGroups.ClearCofactor(new BlsG1(x, y), out r);
    }

    /// <summary>The point of G2 for an element of the quadratic extension.</summary>
    public static void ToG2(in BlsField2 u, out BlsG2 r)
    {
        G2Map.Map(u, SquareRoots<BlsField>.TryFind, IsOdd, out var x, out var y);
        Isogeny<BlsField2>.Apply(BlsIsogenies.G2, ref x, ref y);
        BlsGroups.ClearCofactor(new BlsG2(x, y), out r);
    }

    // sgn0 of RFC 9380: that of the first coefficient that is not zero.
    private static bool IsOdd(in BlsField2 a) => a.C0.IsZero ? a.C1.IsOdd : a.C0.IsOdd;

    private static BlsField2 Fp2Of(int c0, int c1) =>
        new(FieldOperations.FromSmall<BlsField>(c0), FieldOperations.FromSmall<BlsField>(c1));

    private static BlsField2 Negate(in BlsField2 a)
    {
        FieldOperations.Negate(a, out var r);
        return r;
    }
}

/// <summary>Finds a square root; false if there is none.</summary>
internal delegate bool RootFinder<TField>(in TField a, out TField root);

/// <summary>The sign of an element.</summary>
internal delegate bool SignOf<TField>(in TField a);

/// <summary>The simplified Shallue–van de Woestijne–Ulas map to y² = x³ + a·x + b (RFC 9380, section 6.6.2).</summary>
/// <param name="a">a of the curve, not zero.</param>
/// <param name="b">b of the curve, not zero.</param>
/// <param name="z">A suitable element that is not a square.</param>
internal sealed class Swu<TField>(TField a, TField b, TField z)
    where TField : unmanaged, IField<TField>
{
    /// <summary>The point for <paramref name="u"/>; its y has the sign of u.</summary>
    public void Map(in TField u, RootFinder<TField> tryFindRoot, SignOf<TField> signOf, out TField x, out TField y)
    {
        TField.Square(u, out var zu2);
        TField.Multiply(zu2, z, out zu2);
        TField.Square(zu2, out var denominator);
        TField.Add(denominator, zu2, out denominator);
        if (denominator.IsZero)
        {
            TField.Multiply(z, a, out denominator);
            TField.Invert(denominator, out denominator);
            TField.Multiply(b, denominator, out x);
        }
        else
        {
            TField.Invert(denominator, out denominator);
            TField.Add(denominator, TField.One, out denominator);
            TField.Invert(a, out var inverse);
            TField.Multiply(b, inverse, out x);
            TField.Subtract(TField.Zero, x, out x);
            TField.Multiply(x, denominator, out x);
        }

        if (!tryFindRoot(RightSide(x), out y))
        {
            TField.Multiply(zu2, x, out x);
            tryFindRoot(RightSide(x), out y);
        }

        if (signOf(u) != signOf(y))
        {
            TField.Subtract(TField.Zero, y, out y);
        }
    }

    private TField RightSide(in TField x)
    {
        TField.Square(x, out var sum);
        TField.Add(sum, a, out sum);
        TField.Multiply(sum, x, out sum);
        TField.Add(sum, b, out sum);
        return sum;
    }
}

/// <summary>A rational map between curves: polynomials in x by ascending powers.</summary>
/// <param name="XNumerator">Of the new x.</param>
/// <param name="XDenominator">Of the new x.</param>
/// <param name="YNumerator">Of the factor of y.</param>
/// <param name="YDenominator">Of the factor of y.</param>
internal sealed record Isogeny<TField>(
    TField[] XNumerator, TField[] XDenominator, TField[] YNumerator, TField[] YDenominator)
    where TField : unmanaged, IField<TField>
{
    /// <summary>Replaces a point by its image; (0, 0) stands for infinity, where a denominator is zero.</summary>
    public static void Apply(Isogeny<TField> map, ref TField x, ref TField y)
    {
        // One inversion serves both: 1 / (xd · yd).
        var xd = Evaluate(map.XDenominator, x);
        var yd = Evaluate(map.YDenominator, x);
        TField.Multiply(xd, yd, out var inverse);
        TField.Invert(inverse, out inverse);
        TField.Multiply(Evaluate(map.YNumerator, x), xd, out var factor);
        TField.Multiply(factor, inverse, out factor);
        TField.Multiply(Evaluate(map.XNumerator, x), yd, out x);
        TField.Multiply(x, inverse, out x);
        TField.Multiply(y, factor, out y);
    }

    private static TField Evaluate(TField[] coefficients, in TField x)
    {
        var result = coefficients[^1];
        for (var i = coefficients.Length - 2; i >= 0; i--)
        {
            TField.Multiply(result, x, out result);
            TField.Add(result, coefficients[i], out result);
        }

        return result;
    }
}
