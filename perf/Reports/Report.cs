namespace SpanRnn.Perf;

/// <summary>Everything that one run found; a part that was not asked for is missing.</summary>
internal sealed record Report
{
    public required Machine Machine { get; init; }

    public IssueRateFigure? IssueRate { get; init; }

    public MachineLimits? Limits { get; init; }

    public KernelFigure[]? Kernels { get; init; }

    public CellFigure[]? Cells { get; init; }

    public CurveFigure[]? Curve { get; init; }

    public DenormalFigure[]? Denormals { get; init; }

    public TrainingFigures? Training { get; init; }

    public FormatFigure[]? Formats { get; init; }

    public LatencyFigures? Latency { get; init; }
}
