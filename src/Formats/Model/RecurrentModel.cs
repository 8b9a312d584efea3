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
        .Select(source => source.Dtype)
        .MaxBy(dtype => SafetensorsDtype.Sizes[dtype]) ?? SafetensorsDtype.Single;

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

    /// <summary>Reads a file of any format: .onnx, .json, .nam; all others are taken for safetensors.</summary>
    /// <remarks>
    /// But for Windows the file is mapped, not copied, until the model is collected: replace it by renaming, do not write into it.
    /// </remarks>
    /// <param name="path">The file, also its name in messages.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    /// <param name="given">
    /// Arrays for inputs of an ONNX graph, by name: weights that are inputs are taken from them, all others are given again when the model
    /// runs. No other format has any.
    /// </param>
    /// <exception cref="ModelFormatException">The content is not that of one recurrent network; the sentence says where.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static RecurrentModel Read(
        string path, Activation? nonlinearity = null, IReadOnlyDictionary<string, NpyFile>? given = null)
    {
        ReadOnlyMemory<byte> bytes = InputFile.Map(path);
        try
        {
            return From(bytes, path, nonlinearity, given, Path.GetDirectoryName(Path.GetFullPath(path)));
        }
        finally
        {
            GC.KeepAlive(bytes);
        }
    }

    /// <summary>Finds the network in the content of a file, such as a resource of the program.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="bytes">The whole file, in; the model refers to it.</param>
    /// <param name="name">The file as messages call it; its extension tells the format.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    public static RecurrentModel From(ReadOnlyMemory<byte> bytes, string name, Activation? nonlinearity = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        return From(bytes, name, nonlinearity, given: null, folder: null);
    }

    private static RecurrentModel From(
        ReadOnlyMemory<byte> bytes,
        string name,
        Activation? nonlinearity,
        IReadOnlyDictionary<string, NpyFile>? given,
        string? folder) =>
        Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".onnx" => Told(OnnxReader.Read(bytes, name, given, folder), nonlinearity),
            ".json" => RtNeuralReader.Read(bytes, name, nonlinearity),
            ".nam" => Told(NamReader.Read(bytes, name), nonlinearity),
            _ => From(SafetensorsFile.Parse(bytes, name), nonlinearity),
        };

    /// <summary>Finds the network in the tensors of <paramref name="file"/>.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="file">The tensors; the model refers to them.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    public static RecurrentModel From(SafetensorsFile file, Activation? nonlinearity = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Metadata.ContainsKey(KerasReader.MetadataName)
            ? Told(KerasReader.Read(file), nonlinearity)
            : new PyTorchReader(file).Read(nonlinearity);
    }

    /// <summary>A model whose file tells its activations, where none may be asked for.</summary>
    internal static RecurrentModel Told(RecurrentModel model, Activation? nonlinearity) => nonlinearity is null
        ? model
        : throw new ModelFormatException(
            model.Name, "the file tells the activations of its layers, expected that no other nonlinearity is asked for.");

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
}
