namespace SpanRnn.Perf;

/// <summary>Passes or fails the cases of a working tree; measures nothing itself.</summary>
/// <remarks>
/// A case is slower only if its interval lies above the allowed slow-down at a first look and again at a second one. The second look
/// measures only the suspects. With identical revisions the interval of one case lies above 1 with a probability of at most
/// <c>tail</c>, and above the allowed slow-down no more often; at both looks the probability is the square. The sum over all cases is
/// kept to 1 in 100, however large the noise is and however the cases share it. Up to 16 cases this holds with intervals of 95 %;
/// beyond that they widen a little (96.4 % for 30 cases). The noise of an ordinary machine is far below the allowed slow-down and
/// seldom leads to a second look at all.
/// </remarks>
internal static class Judge
{
    /// <summary>Outer end of an interval of 95 %.</summary>
    private const double WidestTail = 0.025;

    /// <summary>Probability that the gate as a whole fails with identical revisions.</summary>
    private const double FalseAlarms = 0.01;

    /// <summary>Probability that the interval of one case lies above the truth, if that many cases are judged at once.</summary>
    public static double Tail(int cases) => Math.Min(WidestTail, Math.Sqrt(FalseAlarms / cases));

    /// <summary>Judges cases by the measurements of <paramref name="look"/>, which is called once or twice.</summary>
    /// <param name="names">The cases.</param>
    /// <param name="allowed">Slow-down that still passes, 1.05 for 5 %.</param>
    /// <param name="look">Measures the named cases.</param>
    public static CaseResult[] Decide(
        IReadOnlyList<string> names, double allowed, Func<IReadOnlyList<string>, IReadOnlyList<CaseFigures>> look)
    {
        double tail = Tail(names.Count);
        CaseResult[] results = [.. look(names).Select(figures => DecideOne([figures], tail, allowed))];
        string[] suspects = [.. results.Where(result => result.Verdict == Verdict.Slower).Select(result => result.Name)];
        if (suspects.Length > 0)
        {
            var second = look(suspects).ToDictionary(figures => figures.Name);
            for (int i = 0; i < results.Length; i++)
            {
                if (second.TryGetValue(results[i].Name, out CaseFigures? figures))
                {
                    results[i] = DecideOne([.. results[i].Looks, figures], tail, allowed);
                }
            }
        }

        return results;
    }

    private static CaseResult DecideOne(CaseFigures[] looks, double tail, double allowed)
    {
        CaseFigures last = looks[^1];
        SlowDown? slowDown = last.AreComplete && !last.IsNew ? SlowDown.Of(last.BaseTimes, last.Times, tail) : null;
        Verdict verdict =
            !last.AreComplete ? Verdict.NoFigures
            : !(last.Bytes <= 0) ? Verdict.Allocates
            : slowDown is not { } compared ? Verdict.New
            : compared.Exceeds(allowed) ? Verdict.Slower
            : Verdict.Passed;
        return new CaseResult(last.Name, verdict, slowDown, looks);
    }
}
