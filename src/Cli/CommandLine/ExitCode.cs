namespace SpanRnn.Cli.CommandLine;

/// <summary>Exit codes of the program.</summary>
internal static class ExitCode
{
    /// <summary>The command did its work.</summary>
    public const int Success = 0;

    /// <summary>
    /// Bad input, a gradient that differs from finite differences, a broken limit of bench, or a file that cannot be written.
    /// </summary>
    public const int Failure = 1;

    /// <summary>A wrong command line.</summary>
    public const int WrongCommandLine = 2;

    /// <summary>Training that a signal stopped; shells use this code for Ctrl-C.</summary>
    public const int Interrupted = 130;
}
