namespace SpanRnn.Perf;

/// <summary>An error that a user can mend, or a check that failed: one sentence, shown without a stack trace.</summary>
internal sealed class PerfException(string message, int exitCode = Application.NotRun) : Exception(message)
{
    /// <summary>Exit code of the program.</summary>
    public int ExitCode { get; } = exitCode;
}
