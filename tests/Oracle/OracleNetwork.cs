using System.Diagnostics;
namespace SpanRnn.Tests;

/// <summary>
/// A whole network on scalars, written from the equations in <see cref="RecurrentLayer"/> and <see cref="DenseLayer"/>: one sequence after
/// the other, one unit after the other, no padding, no tape but that of the scalars. It shares nothing with the engine but the
/// description and the offsets of parameters and states.
/// </summary>
internal sealed class OracleNetwork
{
    private readonly NetworkSpec _spec;
    private readonly int _batch;
    private readonly ScalarTape _tape = new();
    private readonly Scalar[] _parameters;
    private readonly Scalar[] _x;
    private readonly Scalar[] _initialState;
    private readonly Scalar[] _finalState;
    private readonly Scalar[] _y;
    private readonly bool[] _padding;
    private readonly OracleMasks _masks;
    private readonly List<Scalar>[] _steps;

    /// <summary>Runs a batch: x [T, N, I] time-major, state as the engine lays it out, lengths [N], masks of dropout.</summary>
    public OracleNetwork(
        NetworkSpec spec,
        int steps,
        ReadOnlySpan<int> lengths,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> x,
        ReadOnlySpan<double> state,
        OracleMasks masks)
    {
        _spec = spec;
        _batch = lengths.Length;
        _masks = masks;
        _steps = [.. Enumerable.Range(0, spec.Layers.Length * steps).Select(_ => new List<Scalar>())];
        _parameters = _tape.Variables(parameters);
        _x = _tape.Variables(x);
        _initialState = _tape.Variables(state);
        _finalState = [.. _initialState];
        bool everyStep = spec.Head is null or { Position: HeadPosition.EveryStep };
        _y = _tape.Variables(new double[(everyStep ? steps : 1) * _batch * spec.OutputSize]);
        _padding = new bool[_y.Length];
        Array.Fill(_padding, true);
        for (int b = 0; b < _batch; b++)
        {
            RunSequence(b, lengths[b], everyStep);
        }
    }

    public double NearestKink => _tape.NearestKink;

    public double[] Y => Array.ConvertAll(_y, s => s.Value);

    public double[] FinalState => Array.ConvertAll(_finalState, s => s.Value);

    /// <summary>
    /// Derivatives of Σ dy·y + Σ dState·(final state) by [parameters, x, initial state]. Outputs in padding are constants, and dy is not
    /// read there.
    /// </summary>
    public double[] Gradient(ReadOnlySpan<double> dy, ReadOnlySpan<double> dState) =>
        Gradient(dy, dState, [.. _parameters, .. _x, .. _initialState]);

    /// <summary>‖∂L/∂h‖ of the same loss, [layers, T], over batch and directions.</summary>
    public double[] StepNorms(ReadOnlySpan<double> dy, ReadOnlySpan<double> dState)
    {
        double[] gradient = Gradient(dy, dState, [.. _steps.SelectMany(step => step)]);
        double[] norms = new double[_steps.Length];
        int first = 0;
        for (int i = 0; i < norms.Length; i++)
        {
            norms[i] = Math.Sqrt(gradient.Skip(first).Take(_steps[i].Count).Sum(d => d * d));
            first += _steps[i].Count;
        }

        return norms;
    }

    private double[] Gradient(ReadOnlySpan<double> dy, ReadOnlySpan<double> dState, Scalar[] variables)
    {
        double[] dyRead = dy.ToArray();
        for (int i = 0; i < dyRead.Length; i++)
        {
            dyRead[i] = _padding[i] ? 0 : dyRead[i];
        }

        return _tape.Gradient([.. _y, .. _finalState], [.. dyRead, .. dState], variables);
    }

    private void RunSequence(int b, int length, bool everyStep)
    {
        int size = _spec.InputSize;
        Scalar[][] inputs = [.. Enumerable.Range(0, length).Select(t => _x.AsSpan(((t * _batch) + b) * size, size).ToArray())];
        var rows = (Scalar[][])inputs.Clone();

        // Dense layers above the last recurrent one read its final state if the head does.
        Scalar[] final = [];
        int lastRecurrent = _spec.Layers.ToArray().ToList().FindLastIndex(layer => layer is RecurrentLayer);
        for (int layer = 0; layer < _spec.Layers.Length; layer++)
        {
            if (!everyStep && layer > lastRecurrent)
            {
                final = Row(layer, Masked(final, _masks.BetweenTop(layer, b)));
                continue;
            }

            for (int t = 0; t < length; t++)
            {
                rows[t] = Masked(rows[t], _masks.Between(layer, t, b));
            }

            if (_spec.Layers[layer] is not RecurrentLayer)
            {
                for (int t = 0; t < length; t++)
                {
                    rows[t] = Row(layer, rows[t]);
                    OfStep(layer, t).AddRange(rows[t]);
                }

                continue;
            }

            var spec = (RecurrentLayer)_spec.Layers[layer];
            (Scalar[][] first, final) = RunDirection(layer, spec.Reverse ? Direction.Reverse : Direction.Forward, b, rows);
            bool readsOutput = _spec.Head is { Position: HeadPosition.LastOutput } && length > 0;
            final = readsOutput ? first[^1] : final;
            if (spec.Bidirectional)
            {
                (Scalar[][] reverse, Scalar[] reverseFinal) = RunDirection(layer, Direction.Reverse, b, rows);
                for (int t = 0; t < length; t++)
                {
                    first[t] = [.. first[t], .. reverse[t]];
                }

                final = [.. final, .. readsOutput ? reverse[^1] : reverseFinal];
            }

            rows = first;
        }

        if (everyStep)
        {
            for (int t = 0; t < length; t++)
            {
                WriteOutput((t * _batch) + b, rows[t], inputs[t]);
            }
        }
        else
        {
            WriteOutput(b, final, []);
        }
    }

    private List<Scalar> OfStep(int layer, int step) => _steps[(layer * _steps.Length / _spec.Layers.Length) + step];

    // A layer that computes every row on its own.
    private Scalar[] Row(int index, Scalar[] x)
    {
        Scalar[] Scaled(Scalar[] values)
        {
            ParameterSlot? scale = _spec.Slot(index, Direction.Forward, ParameterRole.Scale);
            ParameterSlot? shift = _spec.Slot(index, Direction.Forward, ParameterRole.Shift);
            values = scale is null ? values : [.. values.Select((value, i) => value * _parameters[scale.Offset + i])];
            return shift is null ? values : [.. values.Select((value, i) => value + _parameters[shift.Offset + i])];
        }

        switch (_spec.Layers[index])
        {
            case DenseLayer dense:
                return Dense(index, dense, x);
            case AffineLayer:
                return Scaled(x);
            case NormalizationLayer normalization:
                Scalar count = _tape.Variable(x.Length);
                Scalar mean = normalization.Kind == FeatureNormalization.Layer ? Sum(x) / count : _tape.Variable(0);
                Scalar[] centered = Array.ConvertAll(x, value => value - mean);
                Scalar raised = (Sum(Array.ConvertAll(centered, value => value * value)) / count) + _tape.Variable(normalization.Epsilon);

                // √v = e^(log v / 2)
                var root = Scalar.Exp(_tape.Variable(0.5) * Scalar.Log(raised));
                return Scaled(Array.ConvertAll(centered, value => value / root));
            case ActivationLayer activation:
                // Numbers of its own, of which the norm of a step is the gradient.
                Scalar[] own = Array.ConvertAll(x, a => a + _tape.Variable(0));
                return Normalized(activation.Normalization, Array.ConvertAll(own, a => Apply(activation.Activation, a)));
            case PReluLayer:
                // x = ramp(x) − ramp(−x)
                ParameterSlot slopes = _spec.Slot(index, Direction.Forward, ParameterRole.Scale)!;
                return [.. x.Select((value, i) => Scalar.Ramp(value) - (_parameters[slopes.Offset + i] * Scalar.Ramp(0 - value)))];
            case MergeLayer merge:
                int size = x.Length / 2;
                return
                [
                    .. Enumerable.Range(0, size).Select(i => merge.Merge switch
                    {
                        DirectionMerge.Sum => x[i] + x[size + i],
                        DirectionMerge.Average => _tape.Variable(0.5) * (x[i] + x[size + i]),
                        _ => x[i] * x[size + i],
                    }),
                ];
            default:
                throw new UnreachableException();
        }
    }

    private static Scalar Sum(Scalar[] values) => values.Aggregate((a, b) => a + b);

    private Scalar[] Dense(int index, DenseLayer layer, Scalar[] x)
    {
        Scalar[] a = Product(
            _spec.Slot(index, Direction.Forward, ParameterRole.InputWeights)!,
            _spec.Slot(index, Direction.Forward, ParameterRole.InputBias),
            x);
        return Array.ConvertAll(a, value => Apply(layer.Activation, value));
    }

    private (Scalar[][] Outputs, Scalar[] Final) RunDirection(int layer, Direction direction, int b, Scalar[][] rows)
    {
        var spec = (RecurrentLayer)_spec.Layers[layer];
        if (direction == Direction.Reverse && spec.ReverseActivations is { } own)
        {
            spec = spec with
            {
                Activation = own.Activation,
                GateActivation = own.GateActivation,
                OutputActivation = own.OutputActivation,
            };
        }

        var tensors = new Tensors(
            _spec.Slot(layer, direction, ParameterRole.InputWeights)!,
            _spec.Slot(layer, direction, ParameterRole.InputBias),
            _spec.Slot(layer, direction, ParameterRole.RecurrentWeights)!,
            _spec.Slot(layer, direction, ParameterRole.RecurrentBias),
            _spec.Slot(layer, direction, ParameterRole.ProjectionWeights),
            _spec.Slot(layer, direction, ParameterRole.Peepholes));
        Scalar[] h = ReadState(layer, direction, StateKind.Hidden, b)!;
        Scalar[]? c = ReadState(layer, direction, StateKind.Cell, b);
        var outputs = new Scalar[rows.Length][];
        for (int i = 0; i < rows.Length; i++)
        {
            int t = direction == Direction.Forward ? i : rows.Length - 1 - i;
            Scalar[] entering = Masked(h, _masks.Recurrent(layer, spec.Bidirectional && direction == Direction.Reverse ? 1 : 0, b));
            h = Step(spec, tensors, rows[t], h, entering, ref c);
            outputs[t] = h;
            OfStep(layer, t).AddRange(h);
        }

        WriteState(layer, direction, StateKind.Hidden, b, h);
        if (c is not null)
        {
            WriteState(layer, direction, StateKind.Cell, b, c);
        }

        return (outputs, h);
    }

    // h is the state of the step before; entering is h with dropout, on its way into U.
    private Scalar[] Step(RecurrentLayer layer, Tensors tensors, Scalar[] x, Scalar[] h, Scalar[] entering, ref Scalar[]? c)
    {
        int units = layer.HiddenSize;

        // W·x + b and U·h′ + d of one row; the gates are below one another in blocks of H rows.
        Scalar FromInput(int row) => Dot(tensors.InputWeights, tensors.InputBias, row, x);
        Scalar FromState(int row, Scalar[] state) => Dot(tensors.RecurrentWeights, tensors.RecurrentBias, row, state);
        Scalar Gate(Scalar a) => Apply(layer.GateActivation, Limited(a, layer.Clip));
        Scalar Candidate(Scalar a) => Apply(layer.Activation, Limited(a, layer.Clip));

        // a + p ⊙ c of one unit; the rows of p are i f o, or i o.
        Scalar AddPeephole(Scalar a, int row, int unit, Scalar c) =>
            tensors.Peepholes is { } p ? a + (_parameters[p.Offset + (row * units) + unit] * c) : a;

        var next = new Scalar[units];
        switch (layer.Cell)
        {
            case CellKind.Elman:
                for (int j = 0; j < units; j++)
                {
                    next[j] = Candidate(FromInput(j) + FromState(j, entering));
                }

                return next;

            case CellKind.Lstm:
                var nextCell = new Scalar[units];
                for (int j = 0; j < units; j++)
                {
                    Scalar Pre(int gate) => FromInput((gate * units) + j) + FromState((gate * units) + j, entering);
                    bool coupled = layer.CoupledGates;
                    Scalar i = Gate(AddPeephole(Pre(0), 0, j, c![j]));
                    Scalar f = coupled ? 1 - i : Gate(AddPeephole(Pre(1), 1, j, c[j]));
                    Scalar g = Candidate(Pre(coupled ? 1 : 2));
                    nextCell[j] = (f * c[j]) + (i * g);
                    Scalar o = Gate(AddPeephole(Pre(coupled ? 2 : 3), coupled ? 1 : 2, j, nextCell[j]));
                    next[j] = o * Apply(layer.OutputActivation, nextCell[j]);
                }

                c = nextCell;
                return tensors.Projection is null ? next : Product(tensors.Projection, null, next);

            case CellKind.GruResetAfter:
                for (int j = 0; j < units; j++)
                {
                    Scalar r = Gate(FromInput(j) + FromState(j, entering));
                    Scalar z = Gate(FromInput(units + j) + FromState(units + j, entering));
                    Scalar n = Candidate(FromInput((2 * units) + j) + (r * FromState((2 * units) + j, entering)));
                    next[j] = ((1 - z) * n) + (z * h[j]);
                }

                return next;

            case CellKind.GruResetBefore:
                var reset = new Scalar[units];
                for (int j = 0; j < units; j++)
                {
                    reset[j] = Gate(FromInput(j) + FromState(j, entering)) * entering[j];
                }

                for (int j = 0; j < units; j++)
                {
                    Scalar z = Gate(FromInput(units + j) + FromState(units + j, entering));
                    Scalar n = Candidate(FromInput((2 * units) + j) + FromState((2 * units) + j, reset));
                    next[j] = ((1 - z) * n) + (z * h[j]);
                }

                return next;

            default:
                throw new NotSupportedException($"The oracle has no cell {layer.Cell}.");
        }
    }

    private Scalar[] Masked(Scalar[] values, double[] mask) =>
        mask.Length == 0 ? values : [.. values.Zip(mask, (value, kept) => _tape.Variable(kept) * value)];

    private Scalar Apply(ActivationSpec f, Scalar a)
    {
        Scalar one = _tape.Variable(1), alpha = _tape.Variable(f.Alpha), beta = _tape.Variable(f.Beta);
        switch (f.Kind)
        {
            case ActivationKind.Identity:
                return a;
            case ActivationKind.Sigmoid:
                return Scalar.Sigmoid(a);
            case ActivationKind.Tanh:
                return Scalar.Tanh(a);
            case ActivationKind.Relu:
                return Scalar.Ramp(a);
            case ActivationKind.HardStep:
                return Scalar.Jump(a);
            case ActivationKind.Affine:
                return (alpha * a) + beta;
            case ActivationKind.LeakyRelu:
                return Scalar.Ramp(a) - (alpha * Scalar.Ramp(0 - a));
            case ActivationKind.ThresholdedRelu:
                return a * Scalar.Jump(a - alpha);
            case ActivationKind.ScaledTanh:
                return alpha * Scalar.Tanh(beta * a);
            case ActivationKind.HardSigmoid:
                Scalar line = (alpha * a) + beta;
                return Scalar.Ramp(line) - Scalar.Ramp(line - one);
            case ActivationKind.Elu:
                return Scalar.Ramp(a) + (alpha * (Scalar.Exp(0 - Scalar.Ramp(0 - a)) - one));
            case ActivationKind.Softsign:
                return a / (one + Scalar.Ramp(a) + Scalar.Ramp(0 - a));
            case ActivationKind.Softplus:
                return Softplus(a);
            case ActivationKind.Clip:
                return alpha + Scalar.Ramp(a - alpha) - Scalar.Ramp(a - beta);
            case ActivationKind.Silu:
                return a * Scalar.Sigmoid(a);
            case ActivationKind.Gelu:
                return a * Scalar.Normal(a);
            case ActivationKind.GeluTanh:
                Scalar z = Constant(Math.Sqrt(2 / Math.PI)) * (a + (Constant(0.044715) * a * a * a));
                return Constant(0.5) * a * (one + Scalar.Tanh(z));
            case ActivationKind.Exp:
                return Scalar.Exp(a);
            case ActivationKind.Selu:
                Scalar below = Constant(1.6732632423543772) * (Scalar.Exp(0 - Scalar.Ramp(0 - a)) - one);
                return Constant(1.0507009873554805) * (Scalar.Ramp(a) + below);
            case ActivationKind.Celu:
                return Scalar.Ramp(a) + (alpha * (Scalar.Exp((0 - Scalar.Ramp(0 - a)) / alpha) - one));
            case ActivationKind.HardSwish:
                return a * (Scalar.Ramp(a + Constant(3)) - Scalar.Ramp(a - Constant(3))) / Constant(6);
            case ActivationKind.Mish:
                return a * Scalar.Tanh(Softplus(a));
            default:
                throw new NotSupportedException($"The oracle has no activation {f.Kind}.");
        }

        Scalar Constant(double value) => _tape.Variable(value);

        // max(a, 0) + log(1 + e^−|a|): states may grow beyond the range of e^a.
        Scalar Softplus(Scalar a) => Scalar.Ramp(a) + Scalar.Log(one + Scalar.Exp(0 - Scalar.Ramp(a) - Scalar.Ramp(0 - a)));
    }

    /// <summary>a within −limit … limit.</summary>
    private Scalar Limited(Scalar a, double limit)
    {
        if (double.IsPositiveInfinity(limit))
        {
            return a;
        }

        Scalar bound = _tape.Variable(limit);
        return Scalar.Ramp(a + bound) - Scalar.Ramp(a - bound) - bound;
    }

    private void WriteOutput(int row, Scalar[] values, Scalar[] x)
    {
        Scalar[] y = _spec.Head is { } head ? Head(head, values) : values;
        for (int i = 0; i < (_spec.Head?.Skip ?? 0); i++)
        {
            y[i] += x[i];
        }

        y.CopyTo(_y, row * y.Length);
        Array.Fill(_padding, false, row * y.Length, y.Length);
    }

    private Scalar[] Head(HeadSpec head, Scalar[] values)
    {
        Scalar[] v = Array.ConvertAll(Product(_spec.HeadWeights!, _spec.HeadBias, values), a => Apply(head.Activation, a));
        return Normalized(head.Normalization, v);
    }

    private Scalar[] Normalized(Normalization normalization, Scalar[] v)
    {
        if (normalization == Normalization.None)
        {
            return v;
        }

        // A constant is subtracted: neither function changes by it, and no exponential overflows.
        Scalar largest = _tape.Variable(v.Max(value => value.Value));
        Scalar[] powers = Array.ConvertAll(v, value => Scalar.Exp(value - largest));
        Scalar sum = powers.Aggregate((a, b) => a + b);
        return normalization == Normalization.Softmax
            ? Array.ConvertAll(powers, power => power / sum)
            : Array.ConvertAll(v, value => value - largest - Scalar.Log(sum));
    }

    private Scalar[] Product(ParameterSlot weights, ParameterSlot? bias, Scalar[] values)
    {
        var product = new Scalar[weights.Rows];
        for (int row = 0; row < product.Length; row++)
        {
            product[row] = Dot(weights, bias, row, values);
        }

        return product;
    }

    private Scalar Dot(ParameterSlot weights, ParameterSlot? bias, int row, Scalar[] values)
    {
        Assert.Equal(weights.Columns, values.Length);
        Scalar sum = _tape.Variable(0);
        for (int column = 0; column < values.Length; column++)
        {
            sum += _parameters[weights.Offset + (row * weights.Columns) + column] * values[column];
        }

        return bias is null ? sum : sum + _parameters[bias.Offset + row];
    }

    private Scalar[]? ReadState(int layer, Direction direction, StateKind kind, int b)
    {
        if (_spec.State(layer, direction, kind) is not { } slot)
        {
            return null;
        }

        int start = (slot.Offset * _batch) + (b * slot.Size);
        return _initialState[start..(start + slot.Size)];
    }

    private void WriteState(int layer, Direction direction, StateKind kind, int b, Scalar[] values)
    {
        StateSlot slot = _spec.State(layer, direction, kind)!;
        values.CopyTo(_finalState, (slot.Offset * _batch) + (b * slot.Size));
    }

    private sealed record Tensors(
        ParameterSlot InputWeights,
        ParameterSlot? InputBias,
        ParameterSlot RecurrentWeights,
        ParameterSlot? RecurrentBias,
        ParameterSlot? Projection,
        ParameterSlot? Peepholes);
}
