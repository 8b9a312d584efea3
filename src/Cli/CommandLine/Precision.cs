namespace SpanRnn.Cli.CommandLine;

/// <summary>Precisions that training and gradients are computed in.</summary>
internal enum Precision
{
    /// <summary><see cref="double"/>.</summary>
    Double,

    /// <summary><see cref="float"/>.</summary>
    Single,
}
