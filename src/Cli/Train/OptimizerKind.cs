namespace SpanRnn.Cli.Train;

/// <summary>Optimisers that the command line names.</summary>
internal enum OptimizerKind
{
    Adam,
    AdamW,
    RmsProp,
    Sgd,
}
