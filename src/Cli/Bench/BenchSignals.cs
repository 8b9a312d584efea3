namespace SpanRnn.Cli.Bench;

/// <summary>
/// Median steps on three signals, measured in turn. Silence and tiny inputs could fill a network with denormal numbers, on which
/// processors are slow.
/// </summary>
/// <param name="OrdinaryNanoseconds">Inputs between −1 and 1.</param>
/// <param name="SilenceNanoseconds">Inputs of 0, while the states of the ordinary signal decay.</param>
/// <param name="DenormalNanoseconds">Inputs of 1e-40.</param>
internal sealed record BenchSignals(double OrdinaryNanoseconds, double SilenceNanoseconds, double DenormalNanoseconds)
{
    public double SilenceRatio => SilenceNanoseconds / OrdinaryNanoseconds;

    public double DenormalRatio => DenormalNanoseconds / OrdinaryNanoseconds;
}
