namespace SpanRnn.Perf;

/// <summary>
/// A training step of one cell: nanoseconds; beside it its multiply-adds at the peak of the machine, PyTorch in each form, oneDNN, and
/// the step itself on two threads, with the bars that the project sets; managed bytes per step; the largest difference from the step in
/// double, as a fraction of the largest number of its tensor; bytes of the tape per step of one sequence.
/// </summary>
internal sealed record TrainingFigure(
    string Cell,
    int Size,
    double Nanoseconds,
    double LeastNanoseconds,
    StateMedians ByState,
    BesideFigure? Peak,
    double PeakBar,
    TorchFigure[] Torch,
    double TorchBar,
    BesideFigure? OneDnn,
    BesideFigure? TwoThreads,
    double Allocated,
    double Error,
    int TapeBytes)
{
    /// <summary>PyTorch in its fastest form.</summary>
    public TorchFigure? BestTorch => Torch.MinBy(torch => torch.Time.Nanoseconds);
}
