using System.Diagnostics;
using SpanRnn.Tasks.Training;

namespace SpanRnn.Tasks.Evaluation;

/// <summary>Time and memory of a streamed step of a network.</summary>
internal static class StreamedStep
{
    private const int Bursts = 25;

    // Steps in which code is compiled, again and better where it runs often.
    private const int WarmUp = 256;

    private static readonly TimeSpan _burst = TimeSpan.FromMilliseconds(2);

    /// <summary>Measures the network that such a training makes, in one direction and without a readout.</summary>
    public static (double Nanoseconds, long StreamBytes, long WeightBytes) Measure(SequenceTask task, SequenceTrainingOptions options)
    {
        NetworkSpec spec = TaskDefaults.Network(task, options with { Bidirectional = false, Readout = null });
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(options.Seed));
        var network = new PackedNetwork(spec, parameters);
        long before = GC.GetAllocatedBytesForCurrentThread();
        StreamState stream = network.CreateStream();
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        float[] x = new float[spec.InputSize];
        float[] y = new float[spec.OutputSize];
        double[] times = new double[Bursts];
        Time(WarmUp);
        int steps = WarmUp;
        while (Time(steps) < _burst)
        {
            steps *= 2;
        }

        foreach (ref double time in times.AsSpan())
        {
            time = Time(steps).TotalNanoseconds / steps;
        }

        Array.Sort(times);
        return (times[Bursts / 2], bytes, network.WeightBytes);

        TimeSpan Time(int count)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                if (task.Alphabet is null)
                {
                    stream.Step(x, y);
                }
                else
                {
                    stream.Step(i % spec.Symbols, y);
                }
            }

            return Stopwatch.GetElapsedTime(start);
        }
    }
}
