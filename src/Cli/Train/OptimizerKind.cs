namespace SpanRnn.Cli.Train;

/// <summary>Optimizers that the command line names.</summary>
internal enum OptimizerKind
{
    Adam,
    AdamW,
    RmsProp,
    Sgd,
}
