namespace SpanRnn.Cli.Train;

/// <summary>Value of --validation: a share of the sequences or a file of them, the other one is null.</summary>
internal sealed record ValidationChoice(double? Share, string? File);
