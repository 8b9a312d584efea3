using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Model;

namespace SpanRnn;

/// <summary>
/// Runs whole arrays through a model, in the layout of its file: steps and batch in its order, sequences of different lengths, initial and
/// final states. Its numbers are those of the program's command <c>run</c>.
/// </summary>
/// <remarks>
/// <para>Without an array for them, initial states are those of the file, or zeros. Rows beyond the length of a sequence are not read, and
/// come out as the runtime that the file is made for writes them: as zeros, or as its dense layers make them of zeros. A sequence of
/// length 0 ends in its initial state, or in zeros where that runtime has zeros. Lengths that the file has as a constant hold for every
/// run.</para>
/// <para>Packs the weights once. Every run allocates: for streams of a real-time thread there is <see cref="RecurrentModel.Pack"/>. Any
/// number of threads may run at the same time.</para>
/// </remarks>
public sealed class ModelRunner
{
    private readonly RecurrentModel _model;
    private readonly AlignedBuffer<float> _parameters;
    private readonly PackedNetwork _network;

    /// <summary>Packs a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="precision">Precision in which the weights are stored.</param>
    /// <exception cref="ArgumentOutOfRangeException">As in the constructor of <see cref="PackedNetwork"/>.</exception>
    public ModelRunner(RecurrentModel model, WeightPrecision precision = WeightPrecision.Fp32)
        : this(model ?? throw new ArgumentNullException(nameof(model)), model.ReadParameters<float>(), precision)
    {
    }

    internal ModelRunner(RecurrentModel model, AlignedBuffer<float> parameters, WeightPrecision precision)
    {
        (_model, _parameters) = (model, parameters);
        _network = new PackedNetwork(model.Spec, parameters.Span, precision);
    }

    /// <summary>The names of the arrays that may go in; the first one is x, which has to.</summary>
    public IReadOnlyList<string> InputNames => Ports.Names(Ports.PrincipalFirst(_model.Inputs));

    /// <summary>The names of the arrays that come out; the first one is y.</summary>
    public IReadOnlyList<string> OutputNames => Ports.Names(Ports.PrincipalFirst(_model.Outputs));

    /// <summary>True for x and y of [B, T, …] instead of [T, B, …]. States stay as they are, as in PyTorch.</summary>
    /// <exception cref="ModelFormatException">The model's x does not begin with [T, B].</exception>
    public bool BatchFirst
    {
        get;
        init
        {
            Ports.ExpectTimeMajor(_model, value, nameof(BatchFirst));
            field = value;
        }
    }

    /// <summary>
    /// True to run every sequence on as many steps of zeros first as the file says. Streams always do so; here the file's outputs may be
    /// wanted with it or without it.
    /// </summary>
    /// <exception cref="ModelFormatException">The file asks for no such steps.</exception>
    public bool Prewarm
    {
        get;
        init
        {
            ExpectPrewarmSteps(_model, value, nameof(Prewarm));
            field = value;
        }
    }

    /// <summary>Receives a sentence about an input that may be a mistake, such as NaN in it; null for nobody.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Computes y.</summary>
    /// <param name="x">The input: numbers [T, B, I], or symbols [T, B] where the model takes them.</param>
    /// <returns>[T, B, O], or [B, O] of a network with one output per sequence, or as the file has it.</returns>
    /// <exception cref="ModelFormatException">The array does not fit the model; the message says what is expected.</exception>
    public NpyArray Run(NpyArray x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Run(new Dictionary<string, NpyArray> { [InputNames[0]] = x })[OutputNames[0]];
    }

    /// <summary>Computes all outputs.</summary>
    /// <param name="inputs">An array for x, and for any other of <see cref="InputNames"/>: lengths, initial states.</param>
    /// <returns>An array for each of <see cref="OutputNames"/>: y and the final states.</returns>
    /// <exception cref="ArgumentException">There is no array for x, or one whose name is no input.</exception>
    /// <exception cref="ModelFormatException">An array does not fit the model; the message names it and says what is expected.</exception>
    public IReadOnlyDictionary<string, NpyArray> Run(IReadOnlyDictionary<string, NpyArray> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        IReadOnlyList<string> names = InputNames;
        if (!inputs.ContainsKey(names[0]))
        {
            throw new ArgumentException($"'inputs' has no {names[0]}, expected an array of that name.", nameof(inputs));
        }

        foreach ((string name, NpyArray? array) in inputs)
        {
            if (array is null)
            {
                throw new ArgumentException($"'inputs' has null for {name}, expected an array.", nameof(inputs));
            }

            if (!names.Contains(name))
            {
                throw new ArgumentException(
                    $"'inputs' has the name '{name}', expected one of {string.Join(", ", names)}.", nameof(inputs));
            }
        }

        return Run(
            inputs.ToDictionary(input => input.Key, input => input.Value.NamedOr(input.Key)),
            (subject, said) => Warn?.Invoke(subject + said));
    }

    /// <summary>Refuses steps of zeros in front of a model whose file asks for none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prewarm">True if there shall be some.</param>
    /// <param name="choice">What the caller chose them with.</param>
    /// <exception cref="ModelFormatException">The file asks for none.</exception>
    internal static void ExpectPrewarmSteps(RecurrentModel model, bool prewarm, string choice)
    {
        if (prewarm && model.PrewarmSteps == 0)
        {
            throw new ModelFormatException(
                model.Name, $"the model needs no steps of zeros before its first step, expected no {choice}.");
        }
    }

    /// <summary>Computes all outputs of arrays with names of the model.</summary>
    internal Dictionary<string, NpyArray> Run(IReadOnlyDictionary<string, NpyArray> inputs, Notice notice)
    {
        var input = ModelInput<float>.From(_model, _parameters.Span, inputs, BatchFirst, notice);
        SequenceLayout layout = input.Layout;
        var streams = new StreamState[layout.Batch];
        for (int i = 0; i < streams.Length; i++)
        {
            streams[i] = _network.CreateStream();
        }

        CopyStates(input.State, streams, toStreams: true);
        if (Prewarm)
        {
            foreach (StreamState stream in streams)
            {
                stream.RunOnZeros(_model.PrewarmSteps);
            }
        }

        float[] y = new float[_model.Spec.OutputLength(layout.Steps, layout.Batch)];
        var workspace = new AlignedBuffer<float>(_network.RunWorkspaceLength(layout));
        _network.Run(layout, input.X, streams, y, workspace.Span);
        if (_model.PaddingRow is { } row)
        {
            Padding.Fill<float>(layout, y, [.. row]);
        }

        CopyStates(input.State, streams, toStreams: false);
        var outputs = new Dictionary<string, NpyArray>();
        foreach (ModelPort output in _model.Outputs)
        {
            ModelPort port = Ports.As(output, BatchFirst);
            int[] shape = port.Shape(layout.Steps, layout.Batch);
            float[] values = new float[ArrayContent.Length(shape)];
            if (port.Kind == PortKind.States)
            {
                port.ExportStates<float>(layout.Batch, input.State, values);
            }
            else
            {
                port.FromNetwork<float>(layout.Steps, layout.Batch, y, values);
                shape = input.IsFlat && values.Length == layout.Steps ? [layout.Steps] : shape;
            }

            outputs[port.Name] = NpyArray.From<float>(shape, values, port.Name);
        }

        return outputs;
    }

    // Between the state of a batch and the states of its sequences.
    private void CopyStates(float[] batch, StreamState[] streams, bool toStreams)
    {
        foreach (StateSlot slot in _model.Spec.States)
        {
            Span<float> all = slot.In(batch.AsSpan(), streams.Length);
            for (int i = 0; i < streams.Length; i++)
            {
                Span<float> values = streams[i].Values(slot);
                Span<float> row = all.Slice(i * slot.Size, slot.Size);
                (toStreams ? row : values).CopyTo(toStreams ? values : row);
            }
        }
    }
}
