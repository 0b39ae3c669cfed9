using System.Globalization;
using System.Security;
using System.Text;
using Fragcast.Primitives.Metrics;

namespace Fragcast.Perf.Simulate;

/// <summary>
/// Draws distributions into an SVG: time on a logarithmic scale, and the share that is done by then on a scale of
/// nines, so that the tail is as easy to see as the median.
/// </summary>
internal static class CdfPlot
{
    private const double NinesMax = 4;
    private const int PanelWidth = 460;
    private const int PanelHeight = 380;
    private const int Left = 70;
    private const int Top = 60;
    private const int Apart = 80;
    private const int LineHeight = 20;
    private const int StepsPerNine = 40;

    private static readonly string[] Colours =
        ["#0b6e4f", "#d1495b", "#e29314", "#3066be", "#7b4b94", "#5f6b6d", "#00a6a6", "#a23b00", "#4b6a00", "#b5179e"];

    /// <summary>The plot of what some runs gave.</summary>
    /// <param name="title">Above it.</param>
    /// <param name="results">By label.</param>
    public static string Draw(string title, IReadOnlyDictionary<string, SchemeResult> results)
    {
        KeyValuePair<string, SchemeResult>[] runs = [.. results.Where(run => run.Value.Decodable.Count > 0)];
        int width = Left + (2 * PanelWidth) + Apart + 30;
        int height = Top + PanelHeight + 60 + (LineHeight * ((runs.Length + 1) / 2));
        StringBuilder svg = new();
        svg.Append(Invariant(
            $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"
              font-family="sans-serif" font-size="12" fill="#222">
            <rect width="{width}" height="{height}" fill="#fff"/>
            <text x="{Left}" y="24" font-size="15" font-weight="bold">{Escape(title)}</text>

            """));
        Panel(svg, Left, "publication to decodable, ms", [.. runs.Select(run => run.Value.Decodable)]);
        Panel(
            svg, Left + PanelWidth + Apart, "excess over the floor, ms", [.. runs.Select(run => run.Value.Excess)]);
        for (int i = 0; i < runs.Length; i++)
        {
            int x = Left + (i % 2 * (PanelWidth + Apart));
            int y = Top + PanelHeight + 60 + (LineHeight * (i / 2));
            svg.Append(Invariant($"<line x1=\"{x}\" y1=\"{y - 4}\" x2=\"{x + 24}\" y2=\"{y - 4}\" "));
            svg.Append(Invariant($"stroke=\"{Colours[i % Colours.Length]}\" stroke-width=\"3\"/>"));
            svg.Append(Invariant($"<text x=\"{x + 32}\" y=\"{y}\">{Escape(Legend(runs[i]))}</text>\n"));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Legend(KeyValuePair<string, SchemeResult> run)
    {
        SchemeResult result = run.Value;
        string missing = result.Undelivered == 0 ? "" : Invariant($", {result.Undelivered} undelivered");
        return Invariant($"{run.Key}: excess p50 {result.Excess.ValueAtPercentile(50) / 1e6:0.0}, ")
            + Invariant($"p99 {result.Excess.ValueAtPercentile(99) / 1e6:0.0} ms{missing}");
    }

    private static void Panel(StringBuilder svg, int left, string title, LatencyHistogram[] curves)
    {
        (double low, double high) = Range(curves);
        svg.Append(Invariant($"<text x=\"{left}\" y=\"{Top - 12}\">{title}</text>\n"));
        svg.Append("<g stroke=\"#ddd\">\n");
        for (double power = low; power < high; power++)
        {
            for (int digit = 1; digit < 10; digit++)
            {
                double at = power + Math.Log10(digit);
                string colour = digit == 1 ? "#bbb" : "#eee";
                svg.Append(Invariant($"<line x1=\"{X(at):0.#}\" y1=\"{Top}\" x2=\"{X(at):0.#}\" "));
                svg.Append(Invariant($"y2=\"{Top + PanelHeight}\" stroke=\"{colour}\"/>"));
            }

            svg.Append('\n');
        }

        double[] shares = [0, 0.5, 0.9, 0.99, 0.999, 0.9999];
        foreach (double share in shares)
        {
            double y = Y(Nines(share));
            svg.Append(Invariant($"<line x1=\"{left}\" y1=\"{y:0.#}\" x2=\"{left + PanelWidth}\" y2=\"{y:0.#}\"/>\n"));
        }

        svg.Append("</g>\n");
        foreach (double share in shares)
        {
            svg.Append(Invariant($"<text x=\"{left - 6}\" y=\"{Y(Nines(share)) + 4:0.#}\" text-anchor=\"end\">"));
            svg.Append(Invariant($"{share * 100:0.##}%</text>\n"));
        }

        for (double power = low; power <= high; power++)
        {
            svg.Append(Invariant($"<text x=\"{X(power):0.#}\" y=\"{Top + PanelHeight + 18}\" text-anchor=\"middle\">"));
            svg.Append(Invariant($"{Math.Pow(10, power):0.###}</text>\n"));
        }

        for (int i = 0; i < curves.Length; i++)
        {
            svg.Append(Invariant($"<polyline fill=\"none\" stroke=\"{Colours[i % Colours.Length]}\" "));
            svg.Append("stroke-width=\"2\" points=\"");
            for (int step = 0; step <= NinesMax * StepsPerNine; step++)
            {
                double nines = step / (double)StepsPerNine;
                double ms = Math.Max(curves[i].ValueAtPercentile((1 - Math.Pow(10, -nines)) * 100) / 1e6, 1e-6);
                double x = Math.Clamp(X(Math.Log10(ms)), left, left + PanelWidth);
                svg.Append(Invariant($"{x:0.#},{Y(nines):0.#} "));
            }

            svg.Append("\"/>\n");
        }

        double X(double power) => left + ((power - low) / (high - low) * PanelWidth);
    }

    private static double Nines(double share) => -Math.Log10(1 - share);

    private static double Y(double nines) => Top + PanelHeight - (nines / NinesMax * PanelHeight);

    // Whole powers of ten of milliseconds around all curves; what is below a tenth of a millisecond is at the left end.
    private static (double Low, double High) Range(LatencyHistogram[] curves)
    {
        const double LowestNs = 1e5;
        double low = curves.Select(curve => (double)curve.ValueAtPercentile(1)).DefaultIfEmpty(1e6).Min();
        double high = curves.Select(curve => (double)curve.Max).DefaultIfEmpty(1e7).Max();
        double lowPower = Math.Floor(Math.Log10(Math.Max(low, LowestNs) / 1e6));
        return (lowPower, Math.Max(Math.Ceiling(Math.Log10(Math.Max(high, 1e6) / 1e6)), lowPower + 1));
    }

    private static string Escape(string text) => SecurityElement.Escape(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
