namespace SpanRnn.Perf;

/// <summary>One way to do what a case does, with the state that it carries from call to call.</summary>
/// <param name="Name">Who.</param>
/// <param name="Run">Does it once.</param>
/// <param name="X">[Steps, Batch, I] what a call reads.</param>
/// <param name="Y">[Steps, Batch, H] what the last call computed.</param>
internal sealed record CellContender(string Name, Action Run, AlignedBuffer<float> X, Func<AlignedBuffer<float>> Y);
