namespace SpanRnn.Perf;

/// <summary>A step on ordinary numbers against steps after silence: on a state that has decayed, and on inputs of 1e-40.</summary>
internal static class Silence
{
    private const int Size = 128;

    // Fraction of the state that a step keeps. After the silence the state is denormal, and further steps do not make it smaller.
    private const double Kept = 0.95;
    private const int StepsToDecay = 20_000;
    private const float Faint = 1e-40f;

    /// <summary>All cases by name, for a filter; each is measured when it is called.</summary>
    public static IEnumerable<(string Name, Func<bool, Func<double, DenormalFigure[]>> Measure)> All() =>
        from one in new (CellKind Cell, WeightPrecision Precision)[]
        {
            (CellKind.Lstm, WeightPrecision.Fp32),
            (CellKind.Lstm, WeightPrecision.Bf16),
            (CellKind.Lstm, WeightPrecision.Int8),
            (CellKind.GruResetAfter, WeightPrecision.Fp32),
            (CellKind.GruResetBefore, WeightPrecision.Fp32),
            (CellKind.Elman, WeightPrecision.Fp32),
        }
        select (
            $"denormal {CellCase.CellText(one.Cell)} {CellCase.PrecisionText(one.Precision)}",
            (Func<bool, Func<double, DenormalFigure[]>>)(quick => Measure(one.Cell, one.Precision, quick)));

    private static Func<double, DenormalFigure[]> Measure(CellKind cell, WeightPrecision precision, bool quick)
    {
        Action[] actions = [Signal(cell, precision), AfterSignal(cell, precision, 0), AfterSignal(cell, precision, Faint)];
        Timing[] timings = quick ? Timing.Measure(actions, batchMilliseconds: 1, batches: 5) : Timing.Measure(actions);
        return bestRate => [Figure("silence", timings[1], bestRate), Figure("inputs of 1e-40", timings[2], bestRate)];

        DenormalFigure Figure(string what, Timing silent, double bestRate) => new(
            $"{CellCase.CellText(cell)} step {Size}, {what} after a signal",
            CellCase.PrecisionText(precision),
            timings[0].Median,
            silent.Median,
            Timing.Ratio(silent, timings[0]),
            StateMedians.Of(Timing.Ratios(silent, timings[0]), bestRate));
    }

    private static Action Signal(CellKind cell, WeightPrecision precision)
    {
        var x = new AlignedBuffer<float>(Size);
        new RandomSource(2).Fill(x.Span, -1, 1);
        return Stream(cell, precision, x).Step;
    }

    // Signs alternate, so that the inputs do not add up.
    private static Action AfterSignal(CellKind cell, WeightPrecision precision, float magnitude)
    {
        var x = new AlignedBuffer<float>(Size);
        (StreamState state, Action step) = Stream(cell, precision, x);
        for (int i = 0; i < Size; i++)
        {
            x.Span[i] = i % 2 == 0 ? magnitude : -magnitude;
        }

        for (int i = 0; i < StepsToDecay; i++)
        {
            step();
        }

        foreach (StateSlot slot in state.Network.Spec.States)
        {
            foreach (float value in state.Values(slot))
            {
                if (!(Math.Abs(value) < Math.ScaleB(1, -126)))
                {
                    throw new PerfException(
                        $"A state of {cell} is {value} after {StepsToDecay} steps of silence, expected zero or a denormal.",
                        Application.Failure);
                }
            }
        }

        return step;
    }

    // The state starts at one, as a signal may have left it.
    private static (StreamState State, Action Step) Stream(CellKind cell, WeightPrecision precision, AlignedBuffer<float> x)
    {
        var spec = new NetworkSpec(Size, new RecurrentLayer(cell, Size));
        var parameters = new AlignedBuffer<float>(spec.Parameters.Length);
        SetDecaying(spec, cell, parameters.Span);
        var network = new PackedNetwork(spec, parameters.Span, precision);
        network.WarmUp();
        StreamState state = network.CreateStream();
        foreach (StateSlot slot in spec.States)
        {
            state.Values(slot).Fill(1);
        }

        var y = new AlignedBuffer<float>(Size);
        return (state, () => state.Step(x.Span, y.Span));
    }

    // A forget gate, an update gate or a unit's recurrent weight on itself is near one; every other weight is small.
    private static void SetDecaying(NetworkSpec spec, CellKind cell, Span<float> parameters)
    {
        new RandomSource(1).Fill(parameters, -1e-3, 1e-3);
        Span<float> recurrent = spec.Slot(0, Direction.Forward, ParameterRole.RecurrentWeights)!.In(parameters);
        Span<float> bias = spec.Slot(0, Direction.Forward, ParameterRole.InputBias)!.In(parameters);
        bias.Clear();
        spec.Slot(0, Direction.Forward, ParameterRole.RecurrentBias)!.In(parameters).Clear();
        if (cell == CellKind.Elman)
        {
            for (int unit = 0; unit < Size; unit++)
            {
                recurrent[(unit * Size) + unit] = (float)Kept;
            }

            return;
        }

        // i f g o and r z n: the gate that keeps is the second in both. An open output gate shows the state.
        float open = (float)Math.Log(Kept / (1 - Kept));
        bias.Slice(Size, Size).Fill(open);
        if (cell == CellKind.Lstm)
        {
            bias.Slice(3 * Size, Size).Fill(open);
        }
    }
}
