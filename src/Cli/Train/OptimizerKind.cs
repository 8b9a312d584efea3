namespace SpanRnn.Cli.Train;

/// <summary>The optimisers by the words of the command line.</summary>
internal enum OptimizerKind
{
    Adam,
    AdamW,
    RmsProp,
    Sgd,
}
