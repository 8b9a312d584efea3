using System.Numerics;

namespace SpanRnn.Perf;

/// <summary>
/// A product on ordinary numbers and on denormal ones, which lack a full significand and slow processors down. <see cref="Silence"/>
/// has the steps of cells.
/// </summary>
internal static class Denormals
{
    private const string Work = "matrix-vector packed 512x256";

    /// <summary>All cases by name and precision, for a filter; each is measured when it is called.</summary>
    public static IEnumerable<(string Work, string Precision, Func<bool, Func<double, DenormalFigure>> Measure)> All() =>
    [
        (Work, "float", quick => Measure<float>("float", 1e-40, quick)),
        (Work, "double", quick => Measure<double>("double", 1e-310, quick)),
    ];

    private static Func<double, DenormalFigure> Measure<T>(string precision, double small, bool quick)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Action[] actions = [new ProductProblem<T>(1, 512, 256).Packed().Run, new ProductProblem<T>(1, 512, 256, small).Packed().Run];
        Timing[] timings = quick ? Timing.Measure(actions, batchMilliseconds: 1, batches: 5) : Timing.Measure(actions);
        return bestRate => new DenormalFigure(
            Work,
            precision,
            timings[0].Median,
            timings[1].Median,
            Timing.Ratio(timings[1], timings[0]),
            StateMedians.Of(Timing.Ratios(timings[1], timings[0]), bestRate));
    }
}
