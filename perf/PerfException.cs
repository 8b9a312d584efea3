namespace SpanRnn.Perf;

/// <summary>What a user can mend, or a check that failed: one sentence, shown without a stack trace.</summary>
internal sealed class PerfException(string message, int exitCode = Application.NotRun) : Exception(message)
{
    /// <summary>What the program returns.</summary>
    public int ExitCode { get; } = exitCode;
}
