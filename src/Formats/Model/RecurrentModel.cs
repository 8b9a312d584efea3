using System.Numerics;
using SpanRnn.Formats.Model;

namespace SpanRnn;

/// <summary>
/// A recurrent network from a file of any format: its description, the source of each parameter, and all else that the file says.
/// </summary>
/// <remarks>
/// A tensor, layer or node without a place in the network is an error or is listed in <see cref="Unused"/>: no part of a file is dropped
/// silently. The model refers to the file's bytes and reads parameters from them on demand.
/// </remarks>
public sealed class RecurrentModel
{
    private readonly ParameterSource[] _sources;

    internal RecurrentModel(string name, string format, NetworkSpec spec, ParameterSource[] sources)
    {
        (Name, Format, Spec, _sources) = (name, format, spec, sources);
        Inputs = ModelPorts.Inputs(spec);
        Outputs = ModelPorts.Outputs(spec);
    }

    /// <summary>The file as messages call it.</summary>
    public string Name { get; }

    /// <summary>The kind of file, such as "safetensors, PyTorch's names" or "ONNX, opset 17".</summary>
    public string Format { get; }

    /// <summary>The network.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>The sources of the parameters, in the order of Spec.Parameters.Slots.</summary>
    internal ReadOnlySpan<ParameterSource> Sources => _sources;

    /// <summary>The widest element type of the parameters in the file, "F64", "F32", "F16" or "BF16".</summary>
    public string Dtype => _sources
        .Where(source => source.ByteCount > 0)
        .MaxBy(source => source.Type.Size())?.Dtype ?? ElementType.Single.Name();

    /// <summary>The arrays that go in.</summary>
    internal IReadOnlyList<ModelPort> Inputs { get; init; }

    /// <summary>The arrays that come out.</summary>
    internal IReadOnlyList<ModelPort> Outputs { get; init; }

    /// <summary>The free text of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; internal init; } = new Dictionary<string, string>();

    /// <summary>Parts of the file that the network does not use, each in a few words.</summary>
    public IReadOnlyList<string> Unused { get; internal init; } = [];

    /// <summary>The steps per second that the model was trained for; null where the file does not say.</summary>
    public double? SampleRate { get; internal init; }

    /// <summary>
    /// Steps of zeros that the format expects before the first step of a stream; 0 for none. <see cref="Pack"/> and
    /// <see cref="ModelRunner.Prewarm"/> run them.
    /// </summary>
    public int PrewarmSteps { get; internal init; }

    /// <summary>
    /// True if the file says the activation of an Elman layer. If it does not, the activation is tanh or the one that the caller asked for.
    /// </summary>
    internal bool TellsNonlinearity { get; init; } = true;

    /// <summary>
    /// True if the file says what the head reads, or there is none. If it does not, the head is on every step, and
    /// <see cref="WithReadout"/> puts it elsewhere.
    /// </summary>
    internal bool TellsReadout { get; init; } = true;

    /// <summary>Sentences about the network that neither the file nor the caller says; empty if the file says all.</summary>
    public IReadOnlyList<string> Assumptions => TellsReadout ? Assumed : ["The head is on every step.", .. Assumed];

    /// <summary>The assumptions that do not depend on what the head reads.</summary>
    internal IReadOnlyList<string> Assumed { get; init; } = [];

    /// <summary>The lengths of the sequences if the file has them as a constant; null if the caller gives them.</summary>
    internal IReadOnlyList<int>? FixedLengths { get; init; }

    /// <summary>True if the final states of a sequence of length 0 are zeros, as in ONNX Runtime, and not its initial states.</summary>
    internal bool ZeroLengthGivesZeros { get; init; }

    /// <summary>
    /// The rows of y beyond the length of a sequence, as ONNX Runtime has them: its dense layers on every step compute on the zeros of the
    /// layer below. Null for zeros, which the networks here give.
    /// </summary>
    internal IReadOnlyList<float>? PaddingRow { get; init; }

    /// <summary>The input of that name, or null.</summary>
    internal ModelPort? Input(string name) => Inputs.FirstOrDefault(port => port.Name == name);

    /// <summary>The output of that name, or null.</summary>
    internal ModelPort? Output(string name) => Outputs.FirstOrDefault(port => port.Name == name);

    /// <summary>Puts the head of a file that does not say what it reads where it was in training.</summary>
    /// <param name="readout">
    /// The layer that makes one row per sequence for the head, directly above the last recurrent layer; null for a head on every step.
    /// The outputs of the head are then the outputs of the model.
    /// </param>
    /// <exception cref="ModelFormatException">
    /// There is no head, the file says another readout, or the readout has parameters or does not fit.
    /// </exception>
    public RecurrentModel WithReadout(LayerSpec? readout)
    {
        LayerSpec? own = Readout.Of(Spec);
        if (own is null && !Readout.HasHead(Spec))
        {
            throw new ModelFormatException(Name, "the model has no head, expected one for a position.");
        }

        if (TellsReadout)
        {
            return own == readout
                ? this
                : throw new ModelFormatException(Name, $"the file says that its head is on {Text(own)}, expected no {Text(readout)}.");
        }

        NetworkSpec spec;
        try
        {
            spec = Readout.Put(Spec, readout);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(Name, $"its head cannot be on {Text(readout)}: {ModelFormatException.Sentence(e)}");
        }

        return new RecurrentModel(Name, Format, spec, _sources)
        {
            Metadata = Metadata,
            Unused = Unused,
            SampleRate = SampleRate,
            TellsNonlinearity = TellsNonlinearity,
            Assumed = Assumed,
        };

        static string Text(LayerSpec? layer) => Readout.NameOf(layer) ?? $"a {layer!.GetType().Name}";
    }

    /// <summary>
    /// Packs the network for streams, which start as the file says: initial states, and <see cref="PrewarmSteps"/> behind them.
    /// </summary>
    /// <param name="precision">Precision in which the weights are stored.</param>
    /// <returns>A network for any number of threads and streams. Allocates; the model may go afterwards.</returns>
    /// <exception cref="ArgumentOutOfRangeException">As in the constructor of <see cref="PackedNetwork"/>.</exception>
    public PackedNetwork Pack(WeightPrecision precision = WeightPrecision.Fp32) =>
        new(Spec, ReadParameters<float>().Span, precision, PrewarmSteps);

    /// <summary>Reads the parameters in the order of Spec.Parameters. Numbers wider than T are rounded to the nearest.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>[Spec.Parameters.Length], zeros in the gaps.</returns>
    public AlignedBuffer<T> ReadParameters<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var parameters = new AlignedBuffer<T>(Spec.Parameters.Length);
        for (int i = 0; i < _sources.Length; i++)
        {
            _sources[i].CopyTo(Spec.Parameters.Slots[i].In(parameters.Span));
        }

        return parameters;
    }

    /// <summary>Returns this model, but refuses a choice of the caller's: the file says the activations of its layers.</summary>
    /// <exception cref="ModelFormatException"><paramref name="nonlinearity"/> is not null.</exception>
    internal RecurrentModel WithoutChoice(ActivationKind? nonlinearity) => nonlinearity is null
        ? this
        : throw new ModelFormatException(
            Name, "the file names the activations of its layers, expected no other nonlinearity.");
}
