namespace SpanRnn.Perf;

/// <summary>A step of an LSTM with I = H: nanoseconds, the bytes of its weights, and the least nanoseconds per KiB of them.</summary>
internal sealed record CurveFigure(
    int Size, double Nanoseconds, double LeastNanoseconds, StateMedians ByState, long Bytes, double NanosecondsPerKibibyte);
