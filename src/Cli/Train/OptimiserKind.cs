namespace SpanRnn.Cli;

/// <summary>The optimisers by the words of the command line.</summary>
internal enum OptimiserKind
{
    Adam,
    AdamW,
    RmsProp,
    Sgd,
}
