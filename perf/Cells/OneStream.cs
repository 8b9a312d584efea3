namespace SpanRnn.Perf;

/// <summary>Run of one stream beside as many steps of it, at every size of the steps that are compared.</summary>
internal static class OneStream
{
    private const int Steps = 100;

    /// <summary>All cases by name, for a filter; each is measured when it is called.</summary>
    public static IEnumerable<(string Name, Func<bool, Func<double, OneStreamFigure[]>> Measure)> All() =>
        from one in CellCases.All()
        where one.Call == CellCall.Step
        select (
            $"one stream {CellCase.CellText(one.Cell)} {one.Size}",
            (Func<bool, Func<double, OneStreamFigure[]>>)(quick => Measure(one, quick)));

    private static Func<double, OneStreamFigure[]> Measure(CellCase one, bool quick)
    {
        Action[] actions = [.. one.Precisions.SelectMany(precision => Calls(one, precision))];
        Timing[] timings = quick ? Timing.Measure(actions, batchMilliseconds: 1, batches: 5) : Timing.Measure(actions);
        return bestRate =>
        [
            .. one.Precisions.Select((precision, i) =>
            {
                Timing step = timings[2 * i], run = timings[(2 * i) + 1];
                return new OneStreamFigure(
                    CellCase.CellText(one.Cell),
                    one.Size,
                    CellCase.PrecisionText(precision),
                    step.Median / Steps,
                    run.Median / Steps,
                    Timing.Ratio(run, step),
                    StateMedians.Of(Timing.Ratios(run, step), bestRate),
                    run.Allocated);
            }),
        ];
    }

    // Steps and Run of one stream with the same memory, whose addresses decide some percent, checked to have the same bits.
    private static Action[] Calls(CellCase one, WeightPrecision precision)
    {
        var parameters = new AlignedBuffer<float>(one.Spec.Parameters.Length);
        one.Spec.Initialize(parameters.Span, new RandomSource(1));
        var network = new PackedNetwork(one.Spec, parameters.Span, precision);
        network.WarmUp();
        var x = new AlignedBuffer<float>(Steps * one.InputSize);
        new RandomSource(2).Fill(x.Span, -1, 1);
        var y = new AlignedBuffer<float>(Steps * one.HiddenSize);
        StreamState state = network.CreateStream();
        if (!Outputs(Step).SequenceEqual(Outputs(Run)))
        {
            throw new PerfException($"Run of {one.Name} at {precision} has other bits than its steps.", Application.Failure);
        }

        return [Step, Run];

        float[] Outputs(Action call)
        {
            state.Reset();
            call();
            call();
            return y.Span.ToArray();
        }

        void Step()
        {
            for (int t = 0; t < Steps; t++)
            {
                state.Step(
                    x.Span.Slice(t * one.InputSize, one.InputSize), y.Span.Slice(t * one.HiddenSize, one.HiddenSize));
            }
        }

        void Run() => state.Run(x.Span, y.Span);
    }
}
