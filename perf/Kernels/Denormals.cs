using System.Numerics;
using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Perf;

/// <summary>The same work on ordinary numbers and on those too small for a full significand, which processors are slow with.</summary>
internal static class Denormals
{
    private const int Size = 128;

    // How far the state keeps from one step to the next: by then it is denormal in double too, and no step makes it smaller.
    private const double Kept = 0.95;
    private const int StepsToDecay = 20_000;

    public const string PackedVector = "matrix-vector packed 512x256";

    /// <summary>What there is, by name and precision, for a filter; each measured when called.</summary>
    public static IEnumerable<(string Work, string Precision, Func<bool, DenormalFigure> Measure)> All() =>
        [.. Of<float>("float", 1e-40), .. Of<double>("double", 1e-310)];

    private static IEnumerable<(string Work, string Precision, Func<bool, DenormalFigure> Measure)> Of<T>(string precision, double small)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        yield return (PackedVector, precision, quick => Measure(
            PackedVector,
            precision,
            new ProductProblem<T>(1, 512, 256).Packed().Run,
            new ProductProblem<T>(1, 512, 256, small).Packed().Run,
            quick));
        foreach (CellKind cell in Enum.GetValues<CellKind>())
        {
            string work = $"{cell} step, {Size}, after silence";
            yield return (work, precision, quick => Measure(
                work,
                precision,
                Stream<T>(cell, silent: false),
                Stream<T>(cell, silent: true),
                quick));
        }
    }

    private static DenormalFigure Measure(string work, string precision, Action ordinary, Action denormal, bool quick)
    {
        Timing[] timings = quick ? Timing.Measure([ordinary, denormal], 1, 5) : Timing.Measure([ordinary, denormal]);
        return new DenormalFigure(
            work, precision, timings[0].Median, timings[1].Median, Timing.Ratio(timings[1], timings[0]));
    }

    // The state starts at one. Without input it decays until it rounds to itself: where a stream is some time after the last sound.
    private static Action Stream<T>(CellKind cell, bool silent)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var spec = new NetworkSpec(Size, new LayerSpec(cell, Size));
        var network = new Network<T>(spec);
        var parameters = new AlignedBuffer<T>(spec.Parameters.Length);
        var x = new AlignedBuffer<T>(Size);
        var state = new AlignedBuffer<T>(spec.StateSize);
        var y = new AlignedBuffer<T>(Size);
        var workspace = new AlignedBuffer<T>(network.StepWorkspaceLength);
        SetDecaying(spec, cell, parameters.Span);
        state.Span.Fill(T.One);
        if (!silent)
        {
            Initialise.Uniform(x.Span, -1, 1, new RandomSource(2));
        }

        for (int step = 0; step < StepsToDecay; step++)
        {
            Step();
        }

        T smallest = T.CreateChecked(typeof(T) == typeof(float) ? Math.ScaleB(1, -126) : Math.ScaleB(1, -1022));
        if (silent && !state.Span.ToArray().All(h => T.Abs(h) < smallest))
        {
            throw new PerfException($"A state of {cell} is no denormal after {StepsToDecay} steps of silence, expected one that decays.");
        }

        return Step;

        void Step() => network.Step(parameters.Span, x.Span, state.Span, y.Span, workspace.Span);
    }

    // A forget gate, an update gate or the recurrent weight of a unit on itself near one; every other weight is small.
    private static void SetDecaying<T>(NetworkSpec spec, CellKind cell, Span<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Initialise.Uniform(parameters, -1e-3, 1e-3, new RandomSource(1));
        Span<T> recurrent = spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.In(parameters);
        Span<T> bias = spec.Slot(0, Direction.Forward, ParameterRole.InputBias)!.In(parameters);
        bias.Clear();
        spec.Slot(0, Direction.Forward, ParameterRole.RecurrentBias)!.In(parameters).Clear();
        if (cell == CellKind.Elman)
        {
            for (int unit = 0; unit < Size; unit++)
            {
                recurrent[(unit * Size) + unit] = T.CreateChecked(Kept);
            }

            return;
        }

        // i f g o and r z n: the gate that keeps is the second in both; an open output gate shows the state.
        T open = T.CreateChecked(Math.Log(Kept / (1 - Kept)));
        bias.Slice(Size, Size).Fill(open);
        if (cell == CellKind.Lstm)
        {
            bias.Slice(3 * Size, Size).Fill(open);
        }
    }
}
