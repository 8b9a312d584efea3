namespace SpanRnn.Perf;

/// <summary>Results of one run; parts that were not asked for are missing.</summary>
internal sealed record Report
{
    public required Machine Machine { get; init; }

    public IssueRateFigure? IssueRate { get; init; }

    public MachineLimits? Limits { get; init; }

    public KernelFigure[]? Kernels { get; init; }

    public CellFigure[]? Cells { get; init; }

    public CurveFigure[]? Curve { get; init; }

    public OneStreamFigure[]? OneStream { get; init; }

    public DenormalFigure[]? Denormals { get; init; }

    public TrainingFigures? Training { get; init; }

    public FormatFigure[]? Formats { get; init; }

    public LatencyFigures? Latency { get; init; }
}
