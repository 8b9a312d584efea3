using System.Numerics;
using SpanRnn.Formats.Model;

namespace SpanRnn.Tests;

/// <summary>An array with its sizes.</summary>
internal sealed record NamedArray(int[] Shape, double[] Values);

/// <summary>A model on arrays by name, in double through the network that trains and in float through the packed one.</summary>
internal sealed class OnnxRun
{
    private readonly RecurrentModel _model;
    private readonly Dictionary<string, NamedArray> _inputs;
    private readonly SequenceLayout _layout = new();
    private readonly int _steps;
    private readonly int _batch;

    public OnnxRun(RecurrentModel model, Dictionary<string, NamedArray> inputs)
    {
        (_model, _inputs) = (model, inputs);
        ModelPort x = model.Inputs.First(port => port.Kind is PortKind.Values or PortKind.Symbols);
        Assert.True(inputs.ContainsKey(x.Name), $"There is no array for {x.Name} {x.Axes}.");
        (int Steps, int Batch)? size = x.Measure(inputs[x.Name].Shape);
        Assert.True(size is not null, $"{x.Name} is {x.Axes}, got [{string.Join(", ", inputs[x.Name].Shape)}].");
        (_steps, _batch) = size.Value;
        ModelPort? lengths = model.Inputs.FirstOrDefault(port => port.Kind == PortKind.Lengths);
        int[] all = lengths is not null && inputs.TryGetValue(lengths.Name, out NamedArray? given)
            ? Array.ConvertAll(given.Values, value => (int)value)
            : model.FixedLengths is { } fixedLengths ? [.. fixedLengths]
            : [.. Enumerable.Repeat(_steps, _batch)];
        Assert.Equal(_batch, all.Length);
        _layout.Set(_steps, all);
    }

    /// <summary>All outputs in double.</summary>
    public Dictionary<string, NamedArray> Train()
    {
        var network = new Network<double>(_model.Spec);
        double[] parameters = _model.ReadParameters<double>().Span.ToArray();
        double[] x = X(network, parameters);
        double[] state = State(network, parameters);
        double[] y = new double[network.Spec.OutputLength(_layout.Steps, _layout.Batch)];
        double[] tape = new double[network.TapeLength(_layout)];
        double[] workspace = new double[network.WorkspaceLength(_layout)];
        network.Forward(parameters, _layout, x, state, y, tape, workspace);
        return Outputs(y, state);
    }

    /// <summary>All outputs in float.</summary>
    public Dictionary<string, NamedArray> Infer()
    {
        float[] parameters = _model.ReadParameters<float>().Span.ToArray();
        var network = new PackedNetwork(_model.Spec, parameters);
        var plain = new Network<float>(_model.Spec);
        float[] x = X(plain, parameters);
        float[] state = State(plain, parameters);
        StreamState[] states = [.. Enumerable.Range(0, _batch).Select(_ => network.CreateStream())];
        Exchange(toStates: true);
        float[] y = new float[network.Spec.OutputLength(_layout.Steps, _layout.Batch)];
        network.Run(_layout, x, states, y, new float[network.RunWorkspaceLength(_layout)]);
        Exchange(toStates: false);
        return Outputs(Array.ConvertAll(y, value => (double)value), Array.ConvertAll(state, value => (double)value));

        void Exchange(bool toStates)
        {
            foreach (StateSlot slot in _model.Spec.States)
            {
                for (int b = 0; b < _batch; b++)
                {
                    Span<float> row = slot.In(state.AsSpan(), _batch).Slice(b * slot.Size, slot.Size);
                    Span<float> values = states[b].Values(slot);
                    (toStates ? row : values).CopyTo(toStates ? values : row);
                }
            }
        }
    }

    private T[] X<T>(Network<T> network, T[] parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ModelPort port = _model.Inputs.First(input => input.Kind is PortKind.Values or PortKind.Symbols);
        double[] from = _inputs[port.Name].Values;
        double[] ordered = new double[from.Length];
        port.ToNetwork<double>(_steps, _batch, from, ordered);
        if (port.Kind == PortKind.Values)
        {
            return Array.ConvertAll(ordered, T.CreateTruncating);
        }

        var x = new T[network.Spec.InputLength(_layout.Steps, _layout.Batch)];
        network.Embed(parameters, _layout, Array.ConvertAll(ordered, value => (int)value), x);
        return x;
    }

    private T[] State<T>(Network<T> network, T[] parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var state = new T[network.StateLength(_batch)];
        network.WriteInitialState(parameters, _batch, state);
        foreach (ModelPort port in _model.Inputs.Where(port => port.Kind == PortKind.States))
        {
            if (_inputs.TryGetValue(port.Name, out NamedArray? array))
            {
                Assert.Equal(port.Shape(1, _batch), array.Shape);
                port.ImportStates<T>(_batch, Array.ConvertAll(array.Values, T.CreateTruncating), state);
            }
        }

        for (int b = 0; b < _batch && _model.ZeroLengthGivesZeros; b++)
        {
            foreach (StateSlot slot in _model.Spec.States)
            {
                slot.In(state.AsSpan(), _batch).Slice(b * slot.Size, _layout.Length(b) == 0 ? slot.Size : 0).Clear();
            }
        }

        return state;
    }

    private Dictionary<string, NamedArray> Outputs(double[] y, double[] state)
    {
        Dictionary<string, NamedArray> outputs = [];
        foreach (ModelPort port in _model.Outputs)
        {
            int[] shape = port.Shape(_steps, _batch);
            double[] values = new double[shape.Aggregate(1, (product, size) => product * size)];
            if (port.Kind == PortKind.States)
            {
                port.ExportStates<double>(_batch, state, values);
            }
            else
            {
                port.FromNetwork<double>(_steps, _batch, y, values);
            }

            outputs.Add(port.Name, new NamedArray(shape, values));
        }

        return outputs;
    }
}
