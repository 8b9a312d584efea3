namespace SpanRnn.Perf;

/// <summary>Does something so many times and gives the nanoseconds that all of them took, by whichever clock is nearest to it.</summary>
internal delegate double Burst(int calls);
