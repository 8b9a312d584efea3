namespace SpanRnn.Perf;

/// <summary>A case, its verdict, and the figures behind it.</summary>
/// <param name="Name">Name of the case.</param>
/// <param name="Verdict">Verdict of the gate.</param>
/// <param name="SlowDown">Slow-down at the last look; null if nothing is compared.</param>
/// <param name="Looks">Figures of one look, or of two if the first showed a slow-down; empty for a case that is gone.</param>
internal sealed record CaseResult(string Name, Verdict Verdict, SlowDown? SlowDown, IReadOnlyList<CaseFigures> Looks)
{
    /// <summary>True if this case closes the gate.</summary>
    public bool Fails => Verdict is not (Verdict.Passed or Verdict.New or Verdict.Gone);
}
