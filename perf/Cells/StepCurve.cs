using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Perf;

/// <summary>What a step costs for each byte of its weights, from the smallest network to the largest.</summary>
internal static class StepCurve
{
    /// <summary>By which a filter finds it.</summary>
    public const string Name = "curve LSTM";

    private static readonly int[] _sizes = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

    /// <summary>Times all sizes in turn.</summary>
    public static CurveFigure[] Measure(bool quick)
    {
        (PackedNetwork Network, Action Step)[] steps = [.. _sizes.Select(Step)];
        Action[] actions = [.. steps.Select(one => one.Step)];
        Timing[] timings = quick ? Timing.Measure(actions, batchMilliseconds: 1, batches: 5) : Timing.Measure(actions);
        return
        [
            .. timings.Select((time, i) => new CurveFigure(
                _sizes[i],
                time.Median,
                time.Minimum,
                steps[i].Network.WeightBytes,
                time.Median * 1024 / steps[i].Network.WeightBytes)),
        ];
    }

    private static (PackedNetwork Network, Action Step) Step(int size)
    {
        var spec = new NetworkSpec(size, new LayerSpec(CellKind.Lstm, size));
        var parameters = new AlignedBuffer<float>(spec.Parameters.Length);
        var x = new AlignedBuffer<float>(size);
        var y = new AlignedBuffer<float>(size);
        var random = new RandomSource(1);
        spec.Initialise(parameters.Span, random);
        Initialise.Uniform(x.Span, -1, 1, random);
        var network = new PackedNetwork(spec, parameters.Span);
        network.WarmUp();
        var state = new StreamState(network);
        return (network, () => network.Step(x.Span, state, y.Span));
    }
}
