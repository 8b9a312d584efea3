namespace SpanRnn.Perf;

/// <summary>
/// One call of one cell at one size and precision: nanoseconds; beside it the limit of the machine, the matrix-vector product of a step
/// alone, and ONNX Runtime with the way of calling it; managed bytes per call; the largest difference from the network in double.
/// </summary>
internal sealed record CellFigure(
    string Call,
    string Cell,
    string Size,
    string Precision,
    double Nanoseconds,
    double LeastNanoseconds,
    string LimitName,
    BesideFigure Limit,
    BesideFigure? Product,
    string? OnnxForm,
    BesideFigure? Onnx,
    double Allocated,
    double Error);
