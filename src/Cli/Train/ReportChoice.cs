namespace SpanRnn.Cli.Train;

/// <summary>Value of --report: steps from one line of progress to the next, for arrays, or a page, for a file of sequences.</summary>
internal sealed record ReportChoice(long? Steps, string? File);
