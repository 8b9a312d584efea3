namespace SpanRnn.Perf;

/// <summary>Measurements of one case by all processes of one look.</summary>
/// <param name="Name">Name of the case.</param>
/// <param name="BaseTimes">[2·rounds] Nanoseconds per call of the base, two processes per round; empty for a new case.</param>
/// <param name="Times">[2·rounds] Nanoseconds per call of the working tree.</param>
/// <param name="Bytes">Managed bytes per call, the most of any process of the working tree.</param>
internal sealed record CaseFigures(string Name, double[] BaseTimes, double[] Times, double Bytes)
{
    /// <summary>True if only the working tree knows the case.</summary>
    public bool IsNew => BaseTimes.Length == 0;

    /// <summary>True if every time is present and positive.</summary>
    public bool AreComplete =>
        Times.Length > 0
        && (IsNew || BaseTimes.Length == Times.Length)
        && BaseTimes.Concat(Times).All(time => time > 0 && double.IsFinite(time));
}
