namespace SpanRnn.Tests;

/// <summary>
/// A step of a packed network in double arithmetic, from the equations in the descriptions of the layers and from the rules in
/// <see cref="WeightPrecision"/> for weights and vectors, with a bound of the errors of a float engine. It shares nothing with the engine
/// but the description and the offsets of parameters and states.
/// </summary>
/// <remarks>
/// A number on the edge between two quantization steps may round one way here and another way in float. It enters the bound with that
/// step, so that no data have to avoid ties.
/// </remarks>
internal sealed class PackedReference
{
    private readonly NetworkSpec _spec;
    private readonly WeightPrecision _precision;
    private readonly float[] _parameters;
    private readonly Dictionary<ParameterSlot, Weights> _weights = [];

    // The affine layers that are part of the weights above them.
    private readonly bool[] _folded;

    public PackedReference(NetworkSpec spec, ReadOnlySpan<float> parameters, WeightPrecision precision)
    {
        _spec = spec;
        _precision = precision;
        _parameters = parameters.ToArray();
        _folded = [.. Enumerable.Range(0, spec.Layers.Length).Select(Fold)];
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            _weights.Add(slot, Round(slot));
        }
    }

    /// <summary>One step of one stream: replaces the state [StateSize] and returns the output.</summary>
    public Bounded[] Step(ReadOnlySpan<float> x, Bounded[] state)
    {
        var row = new Bounded[x.Length];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = Math.Abs(x[i]) < 1e-30f ? 0 : x[i];
        }

        var entering = new Bounded[_spec.Layers.Length][];
        for (int layer = 0; layer < _spec.Layers.Length; layer++)
        {
            entering[layer] = row;
            row = _spec.Layers[layer] switch
            {
                RecurrentLayer recurrent => Step(layer, recurrent, row, state),
                DenseLayer dense => Dense(layer, dense, row),
                PoolLayer pool => Pool(layer, pool.Kind, row, state),
                FinalStateLayer final => FinalStates(layer, final, state),
                SkipLayer skip => Skip(layer, skip, row, entering[skip.From]),
                _ => Row(layer, row),
            };
        }

        return row;
    }

    // A layer without a matrix that computes every row on its own.
    private Bounded[] Row(int index, Bounded[] x)
    {
        switch (_spec.Layers[index])
        {
            case AffineLayer:
                return _folded[index] ? x : Scaled(index, x);
            case NormalizationLayer normalization:
                Bounded mean = normalization.Kind == FeatureNormalization.Layer ? Mean(x) : 0;
                Bounded[] centered = Array.ConvertAll(x, value => value - mean);
                Bounded raised = Mean(Array.ConvertAll(centered, value => value * value)) + normalization.Epsilon;

                // However far off, a sum of squares is not below 0.
                Bounded factor = raised.Through(value => 1 / Math.Sqrt(Math.Max(value, normalization.Epsilon)));
                return Scaled(index, Array.ConvertAll(centered, value => value * factor));
            case ActivationLayer { Activation: var f, Normalization: var normalization }:
                Bounded[] v = f.Kind == ActivationKind.Identity ? x : Array.ConvertAll(x, value => value.Through(Function(f)));
                return normalization == Normalization.None ? v : Normalized(v, normalization);
            case PReluLayer:
                ParameterSlot slopes = _spec.Slot(index, Direction.Forward, ParameterRole.Scale)!;
                return
                [
                    .. x.Select((value, i) => value.Through(a => a >= 0 ? a : _parameters[slopes.Offset + i] * a)),
                ];
            default:
                throw new NotSupportedException($"The reference has no step of {_spec.Layers[index]}.");
        }
    }

    private Bounded[] Scaled(int index, Bounded[] values)
    {
        ParameterSlot? scale = _spec.Slot(index, Direction.Forward, ParameterRole.Scale);
        ParameterSlot? shift = _spec.Slot(index, Direction.Forward, ParameterRole.Shift);
        values = scale is null ? values : [.. values.Select((value, i) => value * _parameters[scale.Offset + i])];
        return shift is null ? values : [.. values.Select((value, i) => value + _parameters[shift.Offset + i])];
    }

    private static Bounded Mean(Bounded[] values)
    {
        var sum = new Sum();
        foreach (Bounded value in values)
        {
            sum.Add(value);
        }

        return Divided(sum.Total, values.Length);
    }

    private static Bounded Divided(Bounded value, double count) => value * new Bounded(1 / count, Bounded.Rounding / count);

    private Bounded[] Pool(int layer, Pooling kind, Bounded[] x, Bounded[] state)
    {
        int pooled = _spec.State(layer, Direction.Forward, StateKind.Pooled)!.Offset;
        int counted = _spec.State(layer, Direction.Forward, StateKind.Count)?.Offset ?? -1;
        bool isFirst = counted >= 0 && state[counted].Value == 0;
        for (int i = 0; i < x.Length; i++)
        {
            Bounded before = state[pooled + i];
            state[pooled + i] = kind switch
            {
                Pooling.Mean or Pooling.Sum => before + x[i],
                Pooling.Maximum when !isFirst => new(Math.Max(before.Value, x[i].Value), Math.Max(before.Error, x[i].Error)),
                _ => x[i],
            };
        }

        if (counted >= 0)
        {
            state[counted] = state[counted].Value + 1;
        }

        Bounded[] y = state[pooled..(pooled + x.Length)];
        return kind == Pooling.Mean ? Array.ConvertAll(y, value => Divided(value, state[counted].Value)) : y;
    }

    private Bounded[] FinalStates(int own, FinalStateLayer final, Bounded[] state)
    {
        List<Bounded> states = [];
        foreach (StateKind kind in final.Cells ? (StateKind[])[StateKind.Hidden, StateKind.Cell] : [StateKind.Hidden])
        {
            for (int layer = final.AllLayers ? 0 : own - 1; layer < own; layer++)
            {
                if (_spec.State(layer, Direction.Forward, kind) is { } slot)
                {
                    states.AddRange(state[slot.Offset..(slot.Offset + slot.Size)]);
                }
            }
        }

        return [.. states];
    }

    private Bounded[] Skip(int index, SkipLayer skip, Bounded[] x, Bounded[] from)
    {
        ParameterSlot? scale = _spec.Slot(index, Direction.Forward, ParameterRole.Scale);
        Bounded Factor(int i) => scale is null ? 1 : _parameters[scale.Offset + (skip.Scale == SkipScale.One ? 0 : i)];
        return [.. x.Select((value, i) => skip.Features > 0 && i >= skip.Features ? value : value + (Factor(i) * from[i]))];
    }

    private Bounded[] Dense(int index, DenseLayer layer, Bounded[] x) => Product(
        _spec.Slot(index, Direction.Forward, ParameterRole.InputWeights)!,
        _spec.Slot(index, Direction.Forward, ParameterRole.InputBias),
        x,
        layer.Activation);

    private Bounded[] Product(ParameterSlot weights, ParameterSlot? bias, Bounded[] x, ActivationSpec f)
    {
        Bounded[] input = Quantized(x);
        var y = new Bounded[weights.Rows];
        for (int row = 0; row < y.Length; row++)
        {
            var sum = new Sum();
            sum.Add(_weights[weights], row, input);
            sum.Add(Bias(bias, row));
            y[row] = f.Kind == ActivationKind.Identity ? sum.Total : sum.Total.Through(Function(f));
        }

        return y;
    }

    // An error of e in an exponent is a factor of eᵉ in its power, and one in the sum of all. Exponents are rounded when the largest is
    // subtracted from them.
    private static Bounded[] Normalized(Bounded[] v, Normalization normalization)
    {
        double largest = v.Max(value => value.Value);
        double sum = v.Sum(value => Math.Exp(value.Value - largest));
        double off = v.Max(value => value.Error + (4 * Bounded.Rounding * (Math.Abs(value.Value) + Math.Abs(largest))))
            + ((v.Length + 20) * Bounded.Rounding);
        return Array.ConvertAll(v, value =>
        {
            double logarithm = value.Value - largest - Math.Log(sum);
            return normalization == Normalization.Softmax
                ? new Bounded(Math.Exp(logarithm), (Math.Exp(logarithm) * (Math.Exp(2 * off) - 1)) + 1e-30)
                : new Bounded(logarithm, (2 * off) + (4 * Bounded.Rounding * Math.Abs(logarithm)) + 1e-30);
        });
    }

    private Bounded[] Step(int index, RecurrentLayer layer, Bounded[] x, Bounded[] state)
    {
        Weights w = _weights[_spec.Slot(index, Direction.Forward, ParameterRole.InputWeights)!];
        Weights u = _weights[_spec.Slot(index, Direction.Forward, ParameterRole.RecurrentWeights)!];
        ParameterSlot? b = _spec.Slot(index, Direction.Forward, ParameterRole.InputBias);
        ParameterSlot? d = _spec.Slot(index, Direction.Forward, ParameterRole.RecurrentBias);
        StateSlot hidden = _spec.State(index, Direction.Forward, StateKind.Hidden)!;
        Bounded[] h = state[hidden.Offset..(hidden.Offset + hidden.Size)];
        Bounded[] input = Quantized(x);
        Bounded[] recurrent = Quantized(h);
        int units = layer.HiddenSize;
        var next = new Bounded[units];

        Bounded FromInput(int row)
        {
            var sum = new Sum();
            sum.Add(w, row, input);
            sum.Add(Bias(b, row));
            return sum.Total;
        }

        Bounded FromState(int row, Bounded[] vector)
        {
            var sum = new Sum();
            sum.Add(u, row, vector);
            sum.Add(Bias(d, row));
            return sum.Total;
        }

        // All terms may be in one sum, in any order.
        Bounded PreActivation(int row, Bounded[] vector)
        {
            var sum = new Sum();
            sum.Add(w, row, input);
            sum.Add(u, row, vector);
            sum.Add(Bias(b, row));
            sum.Add(Bias(d, row));
            return sum.Total;
        }

        Bounded Gate(Bounded a) => a.Through(Limited(layer.GateActivation));
        Bounded Candidate(Bounded a) => a.Through(Limited(layer.Activation));
        Func<double, double> Limited(ActivationSpec f) => a => Function(f)(Math.Clamp(a, -layer.Clip, layer.Clip));

        // a + p ⊙ c of one unit; the rows of p are i f o, or i o.
        Bounded AddPeephole(Bounded a, int row, int unit, Bounded c) =>
            _spec.Slot(index, Direction.Forward, ParameterRole.Peepholes) is { } p
                ? a + (_parameters[p.Offset + (row * units) + unit] * c)
                : a;

        switch (layer.Cell)
        {
            case CellKind.Elman:
                for (int j = 0; j < units; j++)
                {
                    next[j] = Candidate(PreActivation(j, recurrent));
                }

                break;

            case CellKind.Lstm:
                StateSlot cell = _spec.State(index, Direction.Forward, StateKind.Cell)!;
                for (int j = 0; j < units; j++)
                {
                    bool coupled = layer.CoupledGates;
                    Bounded before = state[cell.Offset + j];
                    Bounded Pre(int gate) => PreActivation((gate * units) + j, recurrent);
                    Bounded i = Gate(AddPeephole(Pre(0), 0, j, before));
                    Bounded f = coupled ? 1 - i : Gate(AddPeephole(Pre(1), 1, j, before));
                    Bounded g = Candidate(Pre(coupled ? 1 : 2));
                    Bounded c = (f * before) + (i * g);
                    Bounded o = Gate(AddPeephole(Pre(coupled ? 2 : 3), coupled ? 1 : 2, j, c));
                    state[cell.Offset + j] = c;
                    next[j] = o * c.Through(Function(layer.OutputActivation));
                }

                if (_spec.Slot(index, Direction.Forward, ParameterRole.ProjectionWeights) is { } projection)
                {
                    Bounded[] whole = Quantized(next);
                    next = new Bounded[projection.Rows];
                    for (int row = 0; row < next.Length; row++)
                    {
                        var sum = new Sum();
                        sum.Add(_weights[projection], row, whole);
                        next[row] = sum.Total;
                    }
                }

                break;

            case CellKind.GruResetAfter:
                for (int j = 0; j < units; j++)
                {
                    Bounded r = Gate(PreActivation(j, recurrent));
                    Bounded z = Gate(PreActivation(units + j, recurrent));
                    Bounded n = FromInput((2 * units) + j) + (r * FromState((2 * units) + j, recurrent));
                    next[j] = Mix(z, Candidate(n), h[j]);
                }

                break;

            case CellKind.GruResetBefore:
                var reset = new Bounded[units];
                for (int j = 0; j < units; j++)
                {
                    reset[j] = Gate(PreActivation(j, recurrent)) * h[j];
                }

                reset = Quantized(reset);
                for (int j = 0; j < units; j++)
                {
                    Bounded z = Gate(PreActivation(units + j, recurrent));
                    Bounded n = PreActivation((2 * units) + j, reset);
                    next[j] = Mix(z, Candidate(n), h[j]);
                }

                break;

            default:
                throw new NotSupportedException($"The reference has no cell {layer.Cell}.");
        }

        next.CopyTo(state, hidden.Offset);
        return next;
    }

    // (1 − z)·n + z·h, or n + z·(h − n): the error covers the rounding of either.
    private static Bounded Mix(Bounded z, Bounded n, Bounded h)
    {
        Bounded mixed = ((1 - z) * n) + (z * h);
        return mixed with { Error = mixed.Error + (4 * Bounded.Rounding * (Math.Abs(n.Value) + Math.Abs(h.Value))) };
    }

    private static Func<double, double> Function(ActivationSpec f) => a => PlainActivations.Value(f, a);

    private double Bias(ParameterSlot? slot, int row) => slot is null ? 0 : _parameters[slot.Offset + row];

    /// <summary>
    /// Makes an affine layer part of the weights right above it, unless these are int8, lack the bias that a shift needs, or a skip starts
    /// there.
    /// </summary>
    private bool Fold(int index)
    {
        LayerSpec[] layers = _spec.Layers.ToArray();
        if (layers[index] is not AffineLayer affine
            || _precision == WeightPrecision.Int8
            || index == layers.Length - 1
            || Array.Exists(layers, layer => layer is SkipLayer skip && skip.From == index + 1)
            || layers[index + 1] is not (RecurrentLayer or DenseLayer)
            || (affine.Shift && _spec.Slot(index + 1, Direction.Forward, ParameterRole.InputBias) is null))
        {
            return false;
        }

        ParameterSlot weights = _spec.Slot(index + 1, Direction.Forward, ParameterRole.InputWeights)!;
        ParameterSlot? bias = _spec.Slot(index + 1, Direction.Forward, ParameterRole.InputBias);
        ParameterSlot? scale = _spec.Slot(index, Direction.Forward, ParameterRole.Scale);
        ParameterSlot? shift = _spec.Slot(index, Direction.Forward, ParameterRole.Shift);
        for (int row = 0; row < weights.Rows; row++)
        {
            double sum = Bias(bias, row);
            for (int column = 0; column < weights.Columns; column++)
            {
                ref float weight = ref _parameters[weights.Offset + (row * weights.Columns) + column];
                sum += (double)weight * Bias(shift, column);
                weight = (float)((double)weight * (scale is null ? 1 : _parameters[scale.Offset + column]));
            }

            if (bias is not null)
            {
                _parameters[bias.Offset + row] = (float)sum;
            }
        }

        return true;
    }

    private Weights Round(ParameterSlot slot)
    {
        var rounded = new Weights(slot.Columns, new Bounded[slot.Length]);
        for (int row = 0; row < slot.Rows; row++)
        {
            ReadOnlySpan<float> weights = slot.In(_parameters.AsSpan()).Slice(row * slot.Columns, slot.Columns);
            Bounded[] values = _precision switch
            {
                WeightPrecision.Bf16 => Array.ConvertAll(weights.ToArray(), weight => (Bounded)ToBf16(weight)),
                _ => Array.ConvertAll(weights.ToArray(), weight => (Bounded)weight),
            };
            Quantized(values).CopyTo(rounded.Values, row * slot.Columns);
        }

        return rounded;
    }

    /// <summary>The upper 16 bits, rounded to the nearest, to even between two.</summary>
    private static float ToBf16(float weight)
    {
        uint bits = BitConverter.SingleToUInt32Bits(weight);
        uint lower = bits & 0xFFFF;
        uint upper = bits >> 16;
        if (lower > 0x8000 || (lower == 0x8000 && upper % 2 == 1))
        {
            upper++;
        }

        return BitConverter.UInt32BitsToSingle(upper << 16);
    }

    /// <summary>Multiples of max / 127 at int8; unchanged at other precisions.</summary>
    private Bounded[] Quantized(Bounded[] vector)
    {
        double scale = vector.Max(x => Math.Abs(x.Value)) / 127;
        if (_precision != WeightPrecision.Int8 || scale == 0)
        {
            return vector;
        }

        double scaleError = (vector.Max(x => x.Error) / 127) + (2 * Bounded.Rounding * scale);
        return Array.ConvertAll(vector, Quantize);

        Bounded Quantize(Bounded x)
        {
            double exact = x.Value / scale;
            double off = ((x.Error + (Math.Abs(exact) * scaleError)) / scale) + (4 * Bounded.Rounding * Math.Abs(exact));
            double whole = Math.Round(exact, MidpointRounding.ToEven);
            double steps = Math.Max(Math.Round(exact + off) - whole, whole - Math.Round(exact - off));
            return new(whole * scale, (Math.Abs(whole) * scaleError) + (steps * (scale + scaleError)));
        }
    }

    private sealed record Weights(int Columns, Bounded[] Values);

    /// <summary>A sum of n terms in any order: (n + 8) u times the magnitudes summed, plus the errors of the terms.</summary>
    private struct Sum
    {
        private double _value;
        private double _error;
        private double _magnitudes;
        private int _count;

        public readonly Bounded Total => new(_value, _error + ((_count + 8) * Bounded.Rounding * _magnitudes));

        public void Add(Weights weights, int row, Bounded[] vector)
        {
            Assert.Equal(weights.Columns, vector.Length);
            for (int column = 0; column < vector.Length; column++)
            {
                Bounded weight = weights.Values[(row * weights.Columns) + column];
                Bounded x = vector[column];
                _error += (Math.Abs(weight.Value) * x.Error) + (weight.Error * (Math.Abs(x.Value) + x.Error));
                Add(weight.Value * x.Value);
            }
        }

        public void Add(Bounded term)
        {
            _error += term.Error;
            Add(term.Value);
        }

        public void Add(double term)
        {
            _value += term;
            _magnitudes += Math.Abs(term);
            _count++;
        }
    }
}
