using System.Diagnostics;
using SpanRnn.Tasks.Training;

namespace SpanRnn.Tasks.Evaluation;

/// <summary>Streamed steps of the network that a training makes, in one direction and without a readout.</summary>
internal sealed class StreamedStep
{
    private const int Bursts = 25;

    // Steps in which code is compiled, again and better where it runs often.
    private const int WarmUp = 256;

    private static readonly TimeSpan _burst = TimeSpan.FromMilliseconds(2);

    private readonly StreamState _stream;
    private readonly bool _hasSymbols;
    private readonly float[] _x;
    private readonly float[] _y;

    public StreamedStep(SequenceTask task, SequenceTrainingOptions options)
    {
        NetworkSpec spec = TaskDefaults.Network(task, options with { Bidirectional = false, Readout = null });
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(options.Seed));
        var network = new PackedNetwork(spec, parameters);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _stream = network.CreateStream();
        StreamBytes = GC.GetAllocatedBytesForCurrentThread() - before;
        (WeightBytes, _hasSymbols) = (network.WeightBytes, task.Alphabet is not null);
        (_x, _y) = (new float[spec.InputSize], new float[spec.OutputSize]);
    }

    /// <summary>Bytes that one more stream takes.</summary>
    public long StreamBytes { get; }

    /// <summary>Bytes of the packed weights.</summary>
    public long WeightBytes { get; }

    /// <summary>Times steps of several networks in turn, so that what disturbs one of them disturbs all.</summary>
    /// <returns>The median nanoseconds of a step of each.</returns>
    public static double[] InTurn(IReadOnlyList<StreamedStep> networks)
    {
        int[] steps = [.. networks.Select(network => network.StepsOfABurst())];
        double[][] times = [.. networks.Select(_ => new double[Bursts])];
        for (int burst = 0; burst < Bursts; burst++)
        {
            for (int i = 0; i < steps.Length; i++)
            {
                times[i][burst] = networks[i].Time(steps[i]).TotalNanoseconds / steps[i];
            }
        }

        return [.. times.Select(own => own.Order().ElementAt(Bursts / 2))];
    }

    private int StepsOfABurst()
    {
        Time(WarmUp);
        int steps = WarmUp;
        while (Time(steps) < _burst)
        {
            steps *= 2;
        }

        return steps;
    }

    private TimeSpan Time(int steps)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < steps; i++)
        {
            if (_hasSymbols)
            {
                _stream.Step(i % _stream.Network.Spec.Symbols, _y);
            }
            else
            {
                _stream.Step(_x, _y);
            }
        }

        return Stopwatch.GetElapsedTime(start);
    }
}
