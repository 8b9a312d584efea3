namespace SpanRnn.Cli.Bench;

/// <summary>
/// The median step on signals that could fill a network with denormal numbers, which processors are slow on, beside that on an ordinary
/// signal, all measured in turn.
/// </summary>
/// <param name="OrdinaryNanoseconds">Inputs between −1 and 1.</param>
/// <param name="SilenceNanoseconds">Inputs of 0, while the states that the ordinary signal left decay.</param>
/// <param name="DenormalNanoseconds">Inputs of 1e-40.</param>
internal sealed record BenchSignals(double OrdinaryNanoseconds, double SilenceNanoseconds, double DenormalNanoseconds)
{
    public double SilenceRatio => SilenceNanoseconds / OrdinaryNanoseconds;

    public double DenormalRatio => DenormalNanoseconds / OrdinaryNanoseconds;
}
