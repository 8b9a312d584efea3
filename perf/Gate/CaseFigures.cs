namespace SpanRnn.Perf;

/// <summary>What the processes of one look measured of one case.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="BaseTimes">[2·rounds] Nanoseconds per call of the base, two processes for each round; empty for a new case.</param>
/// <param name="Times">[2·rounds] The same of the working tree.</param>
/// <param name="Bytes">Managed bytes per call, the most that a process of the working tree showed.</param>
internal sealed record CaseFigures(string Name, double[] BaseTimes, double[] Times, double Bytes)
{
    /// <summary>Whether only the working tree knows the case.</summary>
    public bool IsNew => BaseTimes.Length == 0;

    /// <summary>Whether every time is there and is a positive number.</summary>
    public bool AreComplete =>
        Times.Length > 0
        && (IsNew || BaseTimes.Length == Times.Length)
        && BaseTimes.Concat(Times).All(time => time > 0 && double.IsFinite(time));
}
