using SpanRnn.Cli.Pictures;
using SpanRnn.Cli.Reports;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Forget;

/// <summary>Gradients over time as a page and as a picture.</summary>
internal static class ForgetPage
{
    // Numbers below are 0 in float, and would flatten all else.
    private const double Smallest = 1e-30;

    /// <summary>Adds everything that is known of the networks.</summary>
    public static void Add(ReportPage page, SequenceFile file, IReadOnlyList<ForgetCurve> curves)
    {
        page.Paragraph(file.Description);
        page.Paragraph(
            "The norm of the gradient of the loss at the end of a sequence with respect to the input so many steps before. "
            + "Where it vanishes, a network cannot learn from what was there.");
        page.Heading("All networks");
        page.Add(Picture(curves));
        foreach ((string title, Func<ForgetCurve, double[]> norms) in ForgetTable.Both)
        {
            (string[] columns, IEnumerable<string[]> rows) = ForgetTable.Of(curves, title, norms);
            page.Table(columns, rows);
        }

        for (int i = 0; i < curves.Count; i++)
        {
            page.Heading(curves[i].Name);
            page.Paragraph(ForgetTable.Sentence(curves[i]));
            page.Add(Picture([curves[i]], i));
        }
    }

    /// <summary>Draws the curves of networks, dashed before training.</summary>
    /// <param name="curves">The networks.</param>
    /// <param name="color">Index of the color of the first one.</param>
    public static Picture Picture(IReadOnlyList<ForgetCurve> curves, int color = 0) => Charts.Curves(
        "Gradient over time (dashed: before training)",
        "steps back from the end",
        "norm of the gradient",
        [.. curves.SelectMany((curve, i) => new[]
        {
            new Curve(curve.Name, 0, Clean(curve.Before), color + i, IsDashed: true),
            new Curve(curve.Name, 0, Clean(curve.After), color + i),
        })],
        isLog: true);

    private static double[] Clean(double[] norms) => [.. norms.Select(norm => norm >= Smallest ? norm : double.NaN)];
}
