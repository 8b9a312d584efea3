namespace SpanRnn.Perf;

/// <summary>
/// Loading a file: its bytes; nanoseconds from the path to the packed network; beside it reading the file into an array and packing
/// parameters that are in memory; nanoseconds from the path to the parameters; the managed bytes that reading allocates, over the larger of
/// the file and its parameters as floats; nanoseconds of a step of the loaded network, and of the network that was written.
/// </summary>
internal sealed record FormatFigure(
    string Name,
    long Bytes,
    double Nanoseconds,
    double LeastNanoseconds,
    StateMedians ByState,
    BesideFigure ReadAndPack,
    double ParametersNanoseconds,
    double AllocatedShare,
    double StepNanoseconds,
    StateMedians StepByState,
    BesideFigure WrittenStep);
