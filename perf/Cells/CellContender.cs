namespace SpanRnn.Perf;

/// <summary>One way to do the work of a case, with the state that it carries from call to call.</summary>
/// <param name="Name">Name in tables and errors.</param>
/// <param name="Run">Does the work once.</param>
/// <param name="X">[Steps, Batch, I] input of a call.</param>
/// <param name="Y">[Steps, Batch, H] output of the last call.</param>
internal sealed record CellContender(string Name, Action Run, AlignedBuffer<float> X, Func<AlignedBuffer<float>> Y);
