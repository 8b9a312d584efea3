using System.Numerics;

namespace SpanRnn.Tests;

/// <content>Results of the engine for a case, from buffers that hold NaN wherever their content is not given.</content>
internal sealed partial class PyTorchCase
{
    public SequenceLayout Layout()
    {
        var layout = new SequenceLayout();
        if (_lengths is null)
        {
            layout.Set(Number("T"), Number("B"));
        }
        else
        {
            layout.Set(Number("T"), _lengths);
        }

        return layout;
    }

    /// <summary>The input of that name, or zeros if it is not given.</summary>
    public T[] Input<T>(string name, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        _inputs.TryGetValue(name, out double[]? values) ? Array.ConvertAll(values, T.CreateTruncating) : new T[length];

    /// <summary>Forward and backward: outputs, final states and all gradients under the names of <see cref="Expected"/>.</summary>
    public Dictionary<string, double[]> Run<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = new Network<T>(Model.Spec);
        SequenceLayout layout = Layout();
        AlignedBuffer<T> parameters = Model.ReadParameters<T>();
        var gradients = new AlignedBuffer<T>(Model.Spec.Parameters.Length);
        T[] y = Undefined<T>(network.Spec.OutputLength(layout.Steps, layout.Batch));
        T[] dx = Undefined<T>(network.Spec.InputLength(layout.Steps, layout.Batch));
        T[] tape = Undefined<T>(network.TapeLength(layout));
        T[] workspace = Undefined<T>(network.WorkspaceLength(layout));
        T[] state = State<T>("h0", "c0");
        T[] dState = State<T>("gh", "gc");
        Dictionary<string, double[]> results = [];

        network.Forward(parameters.Span, layout, Input<T>("x", dx.Length), state, y, tape, workspace);
        results.Add("y", Widen<T>(y));
        AddStates(results, "hn", "cn", state);

        Array.Fill(workspace, T.NaN);
        var buffers = new BackwardBuffers<T> { Dy = Input<T>("gy", y.Length), DState = dState, Dx = dx, Gradients = gradients.Span };
        network.Backward(parameters.Span, layout, tape, buffers, workspace);
        results.Add("grad.x", Widen<T>(dx));
        if (_inputs.ContainsKey("h0"))
        {
            AddStates(results, "grad.h0", "grad.c0", dState);
        }

        AddParameters<T>(results, "grad.", gradients.Span);
        return results;
    }

    /// <summary>Packed inference: outputs and final states under the names of <see cref="Expected"/>.</summary>
    public Dictionary<string, double[]> Run(WeightPrecision precision)
    {
        var network = new PackedNetwork(Model.Spec, Model.ReadParameters<float>().Span, precision);
        SequenceLayout layout = Layout();
        float[] state = State<float>("h0", "c0");
        float[] y = Undefined<float>(network.Spec.OutputLength(layout.Steps, layout.Batch));
        var states = new StreamState[layout.Batch];
        for (int b = 0; b < states.Length; b++)
        {
            states[b] = network.CreateStream();
            foreach (StateSlot slot in Model.Spec.States)
            {
                slot.In(state.AsSpan(), layout.Batch).Slice(b * slot.Size, slot.Size).CopyTo(states[b].Values(slot));
            }
        }

        float[] workspace = Undefined<float>(network.RunWorkspaceLength(layout));
        network.Run(layout, Input<float>("x", network.Spec.InputLength(layout.Steps, layout.Batch)), states, y, workspace);
        for (int b = 0; b < states.Length; b++)
        {
            foreach (StateSlot slot in Model.Spec.States)
            {
                states[b].Values(slot).CopyTo(slot.In(state.AsSpan(), layout.Batch)[(b * slot.Size)..]);
            }
        }

        Dictionary<string, double[]> results = new() { ["y"] = Widen<float>(y) };
        AddStates(results, "hn", "cn", state);
        return results;
    }

    /// <summary>Adds a buffer of the parameters' layout tensor by tensor, PyTorch's names behind <paramref name="prefix"/>.</summary>
    public void AddParameters<T>(Dictionary<string, double[]> results, string prefix, ReadOnlySpan<T> buffer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < Model.Sources.Length; i++)
        {
            results.Add(prefix + Model.Sources[i].Name, Widen(Model.Spec.Parameters.Slots[i].In(buffer)));
        }
    }

    public static T[] Undefined<T>(int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var buffer = new T[length];
        Array.Fill(buffer, T.NaN);
        return buffer;
    }

    private static double[] Widen<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Array.ConvertAll(values.ToArray(), double.CreateTruncating);

    private T[] State<T>(string hidden, string cell)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var state = new T[Number("B") * Model.Spec.StateSize];
        foreach ((StateKind kind, string name) in Names(hidden, cell))
        {
            Model.Input(kind == StateKind.Hidden ? "h0" : "c0")!.ImportStates<T>(Number("B"), Input<T>(name, Length(kind)), state);
        }

        return state;
    }

    private void AddStates<T>(Dictionary<string, double[]> results, string hidden, string cell, T[] state)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach ((StateKind kind, string name) in Names(hidden, cell))
        {
            T[] tensor = Undefined<T>(Length(kind));
            Model.Output(kind == StateKind.Hidden ? "hn" : "cn")!.ExportStates<T>(Number("B"), state, tensor);
            results.Add(name, Widen<T>(tensor));
        }
    }

    private (StateKind Kind, string Name)[] Names(string hidden, string cell) =>
        Model.Spec.Layers[0] is RecurrentLayer { Cell: CellKind.Lstm }
            ? [(StateKind.Hidden, hidden), (StateKind.Cell, cell)]
            : [(StateKind.Hidden, hidden)];

    private int Length(StateKind kind) => Model.Input(kind == StateKind.Hidden ? "h0" : "c0")!.Shape(1, Number("B"))
        .Aggregate((product, size) => product * size);
}
