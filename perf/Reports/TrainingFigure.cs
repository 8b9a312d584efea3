namespace SpanRnn.Perf;

/// <summary>
/// A training step of one cell: nanoseconds; beside it its multiply-adds at the peak of the machine, PyTorch in each form,
/// oneDNN, and itself on two threads, with what is asked; managed bytes per step; the largest difference from the step in double as a part
/// of the largest number of its tensor; bytes of the tape for a step of one sequence.
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
    /// <summary>PyTorch in the form in which it is fastest.</summary>
    public TorchFigure? BestTorch => Torch.MinBy(torch => torch.Time.Nanoseconds);
}
