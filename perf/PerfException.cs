namespace SpanRnn.Perf;

/// <summary>What a user can mend, or a check that failed: one sentence, shown without a stack trace.</summary>
internal sealed class PerfException(string message) : Exception(message);
