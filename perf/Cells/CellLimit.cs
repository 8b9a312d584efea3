namespace SpanRnn.Perf;

/// <summary>Least time that the machine needs for a call: reading its weights or its multiply-adds, whichever takes longer.</summary>
internal sealed class CellLimit : IDisposable
{
    private readonly Limit _read;
    private readonly double _reads;
    private readonly double _operations;

    public CellLimit(CellCase of, WeightPrecision precision)
    {
        int size = precision switch
        {
            WeightPrecision.Fp32 => sizeof(float),
            WeightPrecision.Bf16 => sizeof(ushort),
            _ => sizeof(byte),
        };

        // A sequence reads the weights of the recurrence in every step; those of the input are one product for all steps.
        long bytes = (of.Call == CellCall.Run ? of.RecurrentWeights : of.Weights) * size;
        _read = MachineLimit.Read(bytes, backAndForth: true);
        _reads = of.Steps * bytes / _read.Amount;

        // The peak of integer multiply-adds is not known.
        _operations = precision == WeightPrecision.Int8 ? 0 : 2.0 * of.Weights * of.Steps * of.Batch;
    }

    /// <summary>Reads as many bytes as one sample of the limit has.</summary>
    public Action Run => _read.Run;

    /// <summary>Nanoseconds of a call, batch by batch, and the name of the limit, from timings of the samples of both limits.</summary>
    public (string Name, Timing Time) Of(Timing read, Timing multiplyAdd, double sample)
    {
        double share = sample > 0 ? _operations / sample : 0;
        Batch[] times =
        [
            .. read.Batches.Zip(multiplyAdd.Batches, (r, m) => r.With(m, Math.Max(r.Value * _reads, m.Value * share))),
        ];
        return (multiplyAdd.Median * share > read.Median * _reads ? "multiply-add" : _read.Name, new Timing(times, 0));
    }

    public void Dispose() => _read.Memory!.Dispose();
}
