using System.Diagnostics;
namespace SpanRnn.Tests;

/// <summary>
/// A whole network on scalars, written from the equations in the descriptions of the layers: one sequence after the other, one unit after
/// the other, no padding, no tape but that of the scalars. It shares nothing with the engine but the description and the offsets of
/// parameters and states.
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
        _y = _tape.Variables(new double[(spec.IsManyToOne ? 1 : steps) * _batch * spec.OutputSize]);
        _padding = new bool[_y.Length];
        Array.Fill(_padding, true);
        for (int b = 0; b < _batch; b++)
        {
            RunSequence(b, lengths[b]);
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

    private void RunSequence(int b, int length)
    {
        int size = _spec.InputSize;
        Scalar[][] rows = [.. Enumerable.Range(0, length).Select(t => _x.AsSpan(((t * _batch) + b) * size, size).ToArray())];

        // What enters each layer before dropout: a row for each step, or one row above a layer that pools them.
        var entering = new Scalar[_spec.Layers.Length][][];
        bool pooled = false;
        for (int i = 0; i < _spec.Layers.Length; i++)
        {
            entering[i] = rows;
            int layer = i;
            bool onePerSequence = pooled;
            Scalar[][] x =
            [
                .. rows.Select((row, t) => Masked(row, onePerSequence ? _masks.OfSequence(layer, b) : _masks.Between(layer, t, b))),
            ];
            switch (_spec.Layers[i])
            {
                case RecurrentLayer recurrent:
                    rows = Recurrent(i, recurrent, b, x);
                    break;
                case PoolLayer or StepLayer or AttentionLayer or FinalStateLayer:
                    rows = [Pooled(i, b, x)];
                    pooled = true;
                    break;
                case SkipLayer skip:
                    rows = [.. x.Select((row, t) => Skipped(layer, skip, row, entering[skip.From][t]))];
                    break;
                default:
                    rows = [.. x.Select(row => Row(layer, row))];
                    break;
            }

            for (int t = 0; t < length && !pooled; t++)
            {
                OfStep(i, t).AddRange(rows[t]);
            }
        }

        for (int t = 0; t < rows.Length; t++)
        {
            int row = (t * _batch) + b;
            rows[t].CopyTo(_y, row * _spec.OutputSize);
            Array.Fill(_padding, false, row * _spec.OutputSize, _spec.OutputSize);
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

    // A layer that makes one row of all steps.
    private Scalar[] Pooled(int index, int b, Scalar[][] rows)
    {
        switch (_spec.Layers[index])
        {
            case PoolLayer pool:
                return Pool(index, pool.Kind, b, rows);
            case StepLayer step:
                return step.Step < rows.Length ? rows[step.Step] : Zeros(index);
            case AttentionLayer when rows.Length == 0:
                return Zeros(index);
            case AttentionLayer:
                ParameterSlot weights = _spec.Slot(index, Direction.Forward, ParameterRole.InputWeights)!;
                Scalar[] scores = [.. rows.Select(row => Dot(weights, null, 0, row))];
                Scalar[] shares = Normalized(Normalization.Softmax, scores);
                return [.. Enumerable.Range(0, rows[0].Length).Select(i => Sum([.. rows.Select((row, t) => shares[t] * row[i])]))];
            case FinalStateLayer final:
                return
                [
                    .. FinalStates(index, final, StateKind.Hidden, b),
                    .. final.Cells ? FinalStates(index, final, StateKind.Cell, b) : [],
                ];
            default:
                throw new UnreachableException();
        }
    }

    private Scalar[] Zeros(int layer) => _tape.Variables(new double[_spec.LayerInputSize(layer)]);

    private Scalar[] Pool(int layer, Pooling kind, int b, Scalar[][] rows)
    {
        // What came before this batch.
        Scalar[] before = ReadState(layer, Direction.Forward, StateKind.Pooled, b)!;
        Scalar[] pooled = kind switch
        {
            Pooling.Mean or Pooling.Sum => [.. before.Select((first, i) => Sum([first, .. rows.Select(row => row[i])]))],
            Pooling.Last => rows.Length == 0 ? before : rows[^1],
            _ => before,
        };
        if (ReadState(layer, Direction.Forward, StateKind.Count, b) is not [var steps])
        {
            WriteState(layer, Direction.Forward, StateKind.Pooled, b, pooled);
            return pooled;
        }

        Scalar count = steps + _tape.Variable(rows.Length);
        if (kind == Pooling.Maximum && count.Value > 0)
        {
            bool isFirst = steps.Value == 0;
            pooled = [.. before.Select((first, i) => Largest(isFirst ? null : first, [.. rows.Select(row => row[i])]))];
        }

        WriteState(layer, Direction.Forward, StateKind.Pooled, b, pooled);
        WriteState(layer, Direction.Forward, StateKind.Count, b, [count]);
        return count.Value == 0 ? Zeros(layer) : kind == Pooling.Mean ? Array.ConvertAll(pooled, sum => sum / count) : pooled;
    }

    // The first of the largest numbers; one of this batch before one that came before it.
    private Scalar Largest(Scalar? before, Scalar[] values)
    {
        Scalar[] all = before is { } first ? [.. values, first] : values;
        Scalar largest = all.Aggregate((a, b) => b.Value > a.Value ? b : a);
        foreach (Scalar value in all)
        {
            // Equal numbers are those of functions that are flat there: none grows past the other.
            if (value.Value != largest.Value)
            {
                _tape.PassKink(largest.Value - value.Value);
            }
        }

        return largest;
    }

    private List<Scalar> FinalStates(int own, FinalStateLayer final, StateKind kind, int b)
    {
        List<Scalar> states = [];
        for (int layer = final.AllLayers ? 0 : own - 1; layer < own; layer++)
        {
            foreach (Direction direction in (Direction[])[Direction.Forward, Direction.Reverse])
            {
                if (_spec.State(layer, direction, kind) is { } slot)
                {
                    int start = (slot.Offset * _batch) + (b * slot.Size);
                    states.AddRange(_finalState[start..(start + slot.Size)]);
                }
            }
        }

        return states;
    }

    private Scalar[] Skipped(int index, SkipLayer skip, Scalar[] x, Scalar[] from)
    {
        ParameterSlot? scale = _spec.Slot(index, Direction.Forward, ParameterRole.Scale);
        return
        [
            .. x.Select((value, i) =>
            {
                if (skip.Features > 0 && i >= skip.Features)
                {
                    // A number of its own, of which the norm of a step is the gradient.
                    return value + _tape.Variable(0);
                }

                return skip.Scale switch
                {
                    SkipScale.One => value + (_parameters[scale!.Offset] * from[i]),
                    SkipScale.PerFeature => value + (_parameters[scale!.Offset + i] * from[i]),
                    _ => value + from[i],
                };
            }),
        ];
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

    private Scalar[][] Recurrent(int layer, RecurrentLayer spec, int b, Scalar[][] rows)
    {
        Scalar[][] first = RunDirection(layer, spec.Reverse ? Direction.Reverse : Direction.Forward, b, rows);
        return spec.Bidirectional
            ? [.. first.Zip(RunDirection(layer, Direction.Reverse, b, rows), (forward, reverse) => (Scalar[])[.. forward, .. reverse])]
            : first;
    }

    private Scalar[][] RunDirection(int layer, Direction direction, int b, Scalar[][] rows)
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
        }

        WriteState(layer, direction, StateKind.Hidden, b, h);
        if (c is not null)
        {
            WriteState(layer, direction, StateKind.Cell, b, c);
        }

        return outputs;
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

        // log(1 + e^a) = a + log(1 + e^−a): states may grow beyond the range of e^a.
        Scalar Softplus(Scalar a) => a.Value > 0
            ? a + Scalar.Log(one + Scalar.Exp(0 - a))
            : Scalar.Log(one + Scalar.Exp(a));
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
