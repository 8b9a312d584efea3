using System.Numerics;
using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Formats;

/// <summary>
/// A recurrent network of a file, whatever its format: its description, where each parameter comes from, and what else the file says.
/// </summary>
/// <remarks>
/// A tensor, layer or node without a place in the network is an error, or stands in <see cref="Unused"/>: nothing of a file is dropped in
/// silence. The model refers to the file's bytes; parameters are read from them when they are asked for.
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

    /// <summary>What kind of file it is, such as "safetensors, PyTorch's names" or "ONNX, opset 17".</summary>
    public string Format { get; }

    /// <summary>The network.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>Where the parameters come from, in the order of Spec.Parameters.Slots.</summary>
    public ReadOnlySpan<ParameterSource> Sources => _sources;

    /// <summary>The widest element type of the parameters in the file, "F64", "F32", "F16" or "BF16".</summary>
    public string Dtype => _sources
        .Where(source => source.ByteCount > 0)
        .MaxBy(source => source.Type.Size())?.Dtype ?? ElementType.Single.Name();

    /// <summary>The arrays that go in.</summary>
    public IReadOnlyList<ModelPort> Inputs { get; internal init; }

    /// <summary>The arrays that come out.</summary>
    public IReadOnlyList<ModelPort> Outputs { get; internal init; }

    /// <summary>The free text of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; internal init; } = new Dictionary<string, string>();

    /// <summary>What of the file has no part in the network, each in a few words.</summary>
    public IReadOnlyList<string> Unused { get; internal init; } = [];

    /// <summary>The steps per second that the model was trained for; null where the file does not say.</summary>
    public double? SampleRate { get; internal init; }

    /// <summary>How many steps of zeros a stream is to be given before its first one, as the format wants it; 0 for none.</summary>
    public int PrewarmSteps { get; internal init; }

    /// <summary>Whether the file tells the activation of an Elman layer; where it does not, tanh or what was asked for is taken.</summary>
    public bool TellsNonlinearity { get; internal init; } = true;

    /// <summary>The length of every sequence where the file has them as a constant; null where they are the caller's to say.</summary>
    public IReadOnlyList<int>? FixedLengths { get; internal init; }

    /// <summary>
    /// Whether the final states of a sequence of length 0 are zeros, as ONNX Runtime has them, and not its initial states.
    /// </summary>
    public bool ZeroLengthGivesZeros { get; internal init; }

    /// <summary>
    /// What stands in the rows of y beyond the length of a sequence, as ONNX Runtime has them: dense layers on every step give something
    /// for the zeros of the layer below. Null for zeros, which are what networks here give.
    /// </summary>
    public IReadOnlyList<float>? PaddingRow { get; internal init; }

    /// <summary>The input of that name, or null.</summary>
    public ModelPort? Input(string name) => Inputs.FirstOrDefault(port => port.Name == name);

    /// <summary>The output of that name, or null.</summary>
    public ModelPort? Output(string name) => Outputs.FirstOrDefault(port => port.Name == name);

    /// <summary>The parameters in the order of Spec.Parameters; what is wider than T is rounded to the nearest.</summary>
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
    /// <summary>The model itself, whose file says the activations of its layers, so that no other one may be asked for.</summary>
    /// <exception cref="ModelFormatException"><paramref name="nonlinearity"/> is asked for.</exception>
    internal RecurrentModel WithoutChoice(Activation? nonlinearity) => nonlinearity is null
        ? this
        : throw new ModelFormatException(
            Name, "the file tells the activations of its layers, expected that no other nonlinearity is asked for.");
}
