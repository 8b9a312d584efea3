namespace SpanRnn.Perf;

/// <summary>A case, what is said of it, and what that rests on.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Verdict">What is said of it.</param>
/// <param name="SlowDown">At the last look; null where nothing is compared.</param>
/// <param name="Looks">The figures: one look, or two where the first showed a slow-down; none of a case that is gone.</param>
internal sealed record CaseResult(string Name, Verdict Verdict, SlowDown? SlowDown, IReadOnlyList<CaseFigures> Looks)
{
    /// <summary>Whether the gate is closed by this case.</summary>
    public bool Fails => Verdict is not (Verdict.Passed or Verdict.New or Verdict.Gone);
}
