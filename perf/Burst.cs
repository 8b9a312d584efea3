namespace SpanRnn.Perf;

/// <summary>Makes that many calls and returns the nanoseconds that all of them took, by the clock nearest to the work.</summary>
internal delegate double Burst(int calls);
