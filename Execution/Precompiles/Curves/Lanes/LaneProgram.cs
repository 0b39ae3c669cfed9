using System.Runtime.Intrinsics;

namespace Fragcast.Execution.Precompiles.Curves.Lanes;

/// <summary>
/// A bilinear operation on elements of Fp12 as sums of products in Fp2, lane by lane: result[k] = Σ x · y, with x
/// chosen for each lane and term among the coefficients of a and of ξ·a, and y among those of b and of 2·b. Lane k
/// holds the coefficient of w^k, where w⁶ = ξ.
/// </summary>
/// <param name="X">For each term the lanes to choose from a (0 to 5) and from ξ·a (8 to 13).</param>
/// <param name="Y">For each term the lanes to choose from b (0 to 5) and from 2·b (8 to 13).</param>
internal sealed record LaneProgram(Vector512<long>[] X, Vector512<long>[] Y)
{
    // Added to a lane: ξ times the coefficient in an x, twice the coefficient in a y.
    private const int Xi = 8;
    private const int Twice = 8;

    private const int Coefficients = 6;

    /// <summary>Any element by any.</summary>
    public static LaneProgram Product { get; } = ByPowers(0, 1, 2, 3, 4, 5);

    /// <summary>By y0 + y1·w + y2·w³.</summary>
    public static LaneProgram ProductBy034 { get; } = ByPowers(0, 1, 3);

    /// <summary>By y0 + y1·w² + y2·w³.</summary>
    public static LaneProgram ProductBy014 { get; } = ByPowers(0, 2, 3);

    /// <summary>Each coefficient by its own factor.</summary>
    public static LaneProgram Scale { get; } = Create((new([0, 1, 2, 3, 4, 5]), new([0, 1, 2, 3, 4, 5])));

    /// <summary>
    /// a²: the two orders of a product are taken together. A product that has no partner fills the table where three
    /// pairs of equal products stand beside two pairs and two squares.
    /// </summary>
    public static LaneProgram Square { get; } = Create(
        (new([0, 0, 1, 0, 2, 0]), new([0, 1, 1, 3 + Twice, 2, 5 + Twice])),
        (new([3 + Xi, 0, 4 + Xi, 1, 5 + Xi, 1]), new([3, 1, 4, 2 + Twice, 5, 4 + Twice])),
        (new([1 + Xi, 2 + Xi, 0, 4 + Xi, 0, 2]), new([5 + Twice, 5 + Twice, 2 + Twice, 5, 4 + Twice, 3])),
        (new([2 + Xi, 3 + Xi, 3 + Xi, 4 + Xi, 1, 2]), new([4 + Twice, 4 + Twice, 5 + Twice, 5, 3 + Twice, 3])));

    /// <summary>
    /// The products of a square in the cyclotomic subgroup (Granger and Scott, 2010): a third of what is to be added to
    /// or taken from twice the coefficient.
    /// </summary>
    public static LaneProgram CyclotomicSquare { get; } = Create(
        (new([0, 5 + Xi, 1, 3, 2, 4]), new([0, 2, 1, 0, 2, 1])),
        (new([3 + Xi, 5 + Xi, 4 + Xi, 3, 5 + Xi, 4]), new([3, 2, 4, 0, 5, 1])));

    /// <summary>Number of terms.</summary>
    public int Terms => X.Length;

    // By an element with coefficients at some powers of w, which lie in its first lanes.
    private static LaneProgram ByPowers(params int[] powers) => Create(
    [
        .. powers.Select(static (power, lane) => (
            new Lanes([.. Enumerable.Range(0, Coefficients).Select(k => k >= power
                ? k - power
                : k - power + Coefficients + Xi)]),
            new Lanes([.. Enumerable.Repeat(lane, Coefficients)]))),
    ]);

    private static LaneProgram Create(params (Lanes X, Lanes Y)[] terms) => new(
        [.. terms.Select(static term => term.X.ToVector())], [.. terms.Select(static term => term.Y.ToVector())]);

    // One choice for each coefficient; the two lanes that are left repeat what lane 0 does.
    private sealed record Lanes(int[] Indices)
    {
        public Vector512<long> ToVector() => Vector512.Create(
            Indices[0], Indices[1], Indices[2], Indices[3], Indices[4], Indices[5], Indices[0], (long)Indices[0]);
    }
}
