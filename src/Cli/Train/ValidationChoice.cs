namespace SpanRnn.Cli.Train;

/// <summary>Value of --validation: a share of the sequences, or else a file of them.</summary>
internal sealed record ValidationChoice(double Share, string? File);
