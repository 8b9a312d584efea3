namespace SpanRnn.Tests;

/// <summary>
/// Training as written by hand over <see cref="Network{T}"/>, number by number and with new arrays for every step;
/// <see cref="Trainer{T}"/> is compared with it.
/// </summary>
internal sealed class PlainLoop(SequenceProblem problem, Optimizer<double> optimizer)
{
    private readonly Network<double> _network = new(problem.Spec);

    public double[] Parameters { get; } = [.. problem.Parameters];

    public double[] Gradients { get; private set; } = [];

    /// <summary>Final states of the last step.</summary>
    public double[] State { get; private set; } = [];

    public double ClipNorm { get; init; } = double.PositiveInfinity;

    public double ClipValue { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// A step on sequences from step <paramref name="first"/> to before <paramref name="end"/>, counted from
    /// <paramref name="firstCounted"/> on, all as steps of the sequence. A sequence that has ended before is left out. Without
    /// <paramref name="state"/> sequences begin with their initial states.
    /// </summary>
    /// <returns>The loss.</returns>
    public double Step(int[] sequences, int first, int end, int firstCounted, double[]? state = null)
    {
        NetworkSpec spec = problem.Spec;
        int batch = sequences.Length;
        int[] lengths = Array.ConvertAll(sequences, sequence =>
        {
            int length = problem.Lengths[sequence];
            return length > firstCounted ? Math.Min(length, end) - first : 0;
        });
        var layout = new SequenceLayout();
        layout.Set(lengths.Max(), lengths);
        double[] x = new double[_network.Spec.InputLength(layout.Steps, layout.Batch)];
        ForEach(lengths, (step, column) => Input(sequences[column], first + step).CopyTo(x, ((step * batch) + column) * spec.InputSize));
        double[] y = new double[_network.Spec.OutputLength(layout.Steps, layout.Batch)];
        double[] dy = new double[y.Length];
        double[] tape = new double[_network.TapeLength(layout)];
        double[] workspace = new double[_network.WorkspaceLength(layout)];
        State = new double[_network.StateLength(batch)];
        if (state is null)
        {
            _network.WriteInitialState(Parameters, batch, State);
        }
        else
        {
            state.CopyTo(State, 0);
        }

        _network.Forward(Parameters, layout, x, State, y, tape, workspace);
        double loss = 0;
        double counted = 0;
        int[] outputs = problem.Spec.IsManyToOne ? Array.ConvertAll(lengths, length => Math.Min(length, 1)) : lengths;
        int Output(int step) => problem.Spec.IsManyToOne ? 0 : first + step;
        ForEach(outputs, (step, column) => counted += first + step >= firstCounted ? problem.Weight(sequences[column], Output(step)) : 0);
        ForEach(outputs, (step, column) =>
        {
            if (first + step >= firstCounted && problem.Weight(sequences[column], Output(step)) is > 0 and var weight)
            {
                int place = ((step * batch) + column) * spec.OutputSize;
                Span<double> dRow = dy.AsSpan(place, spec.OutputSize);
                loss += Loss(sequences[column], Output(step), y.AsSpan(place, spec.OutputSize), dRow, counted / weight);
            }
        });
        double[] dState = new double[State.Length];
        double[] dx = new double[x.Length];
        Gradients = new double[Parameters.Length];
        var buffers = new BackwardBuffers<double> { Dy = dy, DState = dState, Dx = dx, Gradients = Gradients };
        _network.Backward(Parameters, layout, tape, buffers, workspace);
        if (state is null)
        {
            _network.AddInitialStateGradients(batch, dState, Gradients);
        }

        if (spec.EmbeddingWeights is { } table)
        {
            ForEach(lengths, (step, column) =>
            {
                int row = table.Offset + (problem.Symbols[sequences[column]][first + step] * spec.InputSize);
                for (int i = 0; i < spec.InputSize; i++)
                {
                    Gradients[row + i] += dx[(((step * batch) + column) * spec.InputSize) + i];
                }
            });
        }

        Clip();
        optimizer.Step(Parameters, Gradients);
        return loss;
    }

    // Longest sequences first would be another order of sums; here the order is that of the batch.
    private static void ForEach(int[] lengths, Action<int, int> action)
    {
        for (int step = 0; step < lengths.DefaultIfEmpty().Max(); step++)
        {
            for (int column = 0; column < lengths.Length; column++)
            {
                if (step < lengths[column])
                {
                    action(step, column);
                }
            }
        }
    }

    private double[] Input(int sequence, int step)
    {
        int size = problem.Spec.InputSize;
        if (!problem.HasSymbols)
        {
            return problem.Inputs[sequence].AsSpan(step * size, size).ToArray();
        }

        int symbol = problem.Symbols[sequence][step];
        if (problem.Spec.EmbeddingWeights is { } table)
        {
            return table.In(Parameters.AsSpan()).Slice(symbol * size, size).ToArray();
        }

        double[] x = new double[size];
        x[symbol] = 1;
        return x;
    }

    private double Loss(int sequence, int output, ReadOnlySpan<double> y, Span<double> dy, double counted)
    {
        double loss = 0;
        if (problem.Loss == SpanRnn.Loss.SoftmaxCrossEntropy)
        {
            double sum = 0;
            foreach (double value in y)
            {
                sum += Math.Exp(value);
            }

            int label = problem.Labels[sequence][output];
            for (int i = 0; i < y.Length; i++)
            {
                dy[i] = ((Math.Exp(y[i]) / sum) - (i == label ? 1 : 0)) / counted;
            }

            return (Math.Log(sum) - y[label]) / counted;
        }

        for (int i = 0; i < y.Length; i++)
        {
            double target = problem.Targets[sequence][(output * y.Length) + i];
            double count = counted * y.Length;
            if (problem.Loss == SpanRnn.Loss.MeanSquaredError)
            {
                loss += (y[i] - target) * (y[i] - target) / count;
                dy[i] = 2 * (y[i] - target) / count;
            }
            else
            {
                double p = 1 / (1 + Math.Exp(-y[i]));
                loss -= ((target * Math.Log(p)) + ((1 - target) * Math.Log(1 - p))) / count;
                dy[i] = (p - target) / count;
            }
        }

        return loss;
    }

    private void Clip()
    {
        double square = 0;
        foreach (ref double gradient in Gradients.AsSpan())
        {
            gradient = Math.Clamp(gradient, -ClipValue, ClipValue);
            square += gradient * gradient;
        }

        double factor = Math.Min(1, ClipNorm / (Math.Sqrt(square) + 1e-6));
        foreach (ref double gradient in Gradients.AsSpan())
        {
            gradient *= factor;
        }
    }
}
