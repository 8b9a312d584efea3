namespace SpanRnn.Perf;

/// <summary>One case: its file; the loaded network is compared with the one that was written, then both are timed.</summary>
internal sealed class FormatWork : IDisposable
{
    private const double InexactBound = 1e-5;
    private const int Steps = 8;

    private readonly FormatCase _case;
    private readonly string _path;
    private readonly float[] _parameters;
    private readonly long _bytes;

    /// <summary>Draws parameters and writes the file.</summary>
    public FormatWork(FormatCase one)
    {
        _case = one;
        _parameters = new float[one.Spec.Parameters.Length];
        one.Spec.Initialize<float>(_parameters, new RandomSource(7));
        _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + one.Extension);
        byte[] file = one.Bytes(one.Spec, _parameters);
        _bytes = file.Length;
        File.WriteAllBytes(_path, file);
    }

    /// <inheritdoc/>
    public void Dispose() => File.Delete(_path);

    /// <summary>Throws if the loaded network computes other outputs than the one that was written.</summary>
    public void Check()
    {
        (PackedNetwork written, PackedNetwork loaded) = (new(_case.Spec, _parameters), Load());
        (StreamState state, StreamState other) = (written.CreateStream(), loaded.CreateStream());
        float[] x = new float[_case.Spec.InputSize], y = new float[_case.Spec.OutputSize], z = new float[loaded.Spec.OutputSize];
        var random = new RandomSource(8);
        for (int step = 0; step < Steps; step++)
        {
            foreach (ref float value in x.AsSpan())
            {
                value = (float)random.NextNormal();
            }

            state.Step(x, y);
            other.Step(x, z);
            for (int i = 0; i < y.Length; i++)
            {
                double bound = _case.IsExact ? 0 : InexactBound;
                if (!(Math.Abs(y[i] - z[i]) <= bound))
                {
                    throw new PerfException($"{_case.Name}: step {step} gives {z[i]:R}, expected {y[i]:R} within {bound}.");
                }
            }
        }
    }

    /// <summary>Times loading beside reading and packing, and a step of the loaded network beside one of the written network.</summary>
    /// <returns>Makes the figure once the best issue rate of the whole run is known.</returns>
    public Func<double, FormatFigure> Measure(bool quick)
    {
        int batches = quick ? 3 : 11;
        Timing[] load = Timing.Measure([() => Load(), ReadAndPack, () => ModelFile.Load(_path).ReadParameters<float>()], 20, batches);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = ModelFile.Load(_path);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Timing[] step = Timing.Measure([Step(Load()), Step(new PackedNetwork(_case.Spec, _parameters))], 4, batches);

        // The closure that makes the figure must not keep the parameters alive.
        (string name, long bytes) = (_case.Name, _bytes);
        long larger = Math.Max(bytes, sizeof(float) * (long)_parameters.Length);
        return bestRate => new FormatFigure(
            name,
            bytes,
            load[0].Median,
            load[0].Minimum,
            load[0].ByState(bestRate),
            BesideFigure.Of(load[1], load[0], bestRate),
            load[2].Median,
            (double)allocated / larger,
            step[0].Median,
            step[0].ByState(bestRate),
            BesideFigure.Of(step[1], step[0], bestRate));
    }

    private static Action Step(PackedNetwork network)
    {
        StreamState state = network.CreateStream();
        float[] x = new float[network.Spec.InputSize], y = new float[network.Spec.OutputSize];
        x.AsSpan().Fill(0.1f);
        return () => state.Step(x, y);
    }

    private PackedNetwork Load()
    {
        RecurrentModel model = ModelFile.Load(_path);
        return new PackedNetwork(model.Spec, model.ReadParameters<float>().Span);
    }

    private void ReadAndPack()
    {
        byte[] file = File.ReadAllBytes(_path);
        _ = new PackedNetwork(_case.Spec, _parameters);
        GC.KeepAlive(file);
    }
}
