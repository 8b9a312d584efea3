using System.Numerics;
using SpanRnn.Cells;
using SpanRnn.Core;

namespace SpanRnn.Formats;

/// <summary>
/// A recurrent network as PyTorch saves it: the state_dict of an nn.RNN, nn.LSTM, nn.GRU or of one of their cells, alone or inside a
/// module, with at most one nn.Embedding in front and one nn.Linear on top. Gate orders are the same on both sides, so tensors are copied
/// as they are.
/// </summary>
/// <remarks>
/// Everything that names and shapes tell is read from them, the rest from the metadata entry "spanrnn" (README.md of this folder). A
/// tensor without a place in the network is an error, so nothing of a file is dropped in silence.
/// </remarks>
public sealed partial class PyTorchModel
{
    private readonly SafetensorsFile _file;
    private readonly SafetensorsTensor[] _tensors;

    private PyTorchModel(SafetensorsFile file, NetworkSpec spec, SafetensorsTensor[] tensors)
    {
        _file = file;
        _tensors = tensors;
        Spec = spec;
    }

    /// <summary>The file as messages call it.</summary>
    public string Name => _file.Name;

    /// <summary>The network that the tensors belong to.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>The element type of all tensors, "F32" or "F64".</summary>
    public string Dtype => _tensors[0].Dtype;

    /// <summary>The tensors in the order of Spec.Parameters.Slots: each belongs to the slot of the same index.</summary>
    public ReadOnlySpan<SafetensorsTensor> Tensors => _tensors;

    /// <summary>Whether the file tells the activation of an nn.RNN; where it does not, tanh or what was asked for is taken.</summary>
    public bool TellsNonlinearity => PyTorchOptions.Read(_file) is { Nonlinearity: not null } or { CandidateActivation: not null };

    /// <summary>The free text of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <summary>Reads the safetensors file at <paramref name="path"/>.</summary>
    /// <param name="path">The file, also its name in messages.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    /// <exception cref="ModelFormatException">The content is not that of one recurrent network; the sentence says where.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static PyTorchModel Read(string path, Activation? nonlinearity = null) => From(SafetensorsFile.Read(path), nonlinearity);

    /// <summary>Finds the network in the tensors of <paramref name="file"/>.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="file">The tensors; the model refers to them.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    public static PyTorchModel From(SafetensorsFile file, Activation? nonlinearity = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        (NetworkSpec spec, SafetensorsTensor[] tensors) = new PyTorchReader(file).Read(nonlinearity);
        return new PyTorchModel(file, spec, tensors);
    }

    /// <summary>The safetensors file of a network: F32 from float, F64 from double.</summary>
    /// <param name="spec">
    /// The network. Its recurrent layers must be equal, since a module of PyTorch has one size for all. The names are those of the
    /// recurrent module alone, or, with an embedding or a head, those of a module that holds "embed", "rnn" and "head".
    /// </param>
    /// <param name="parameters">[spec.Parameters.Length] in.</param>
    /// <returns>The bytes of the file; <see cref="From"/> gives back the same network and the same bits.</returns>
    /// <exception cref="ArgumentException">The layers differ, or the length is wrong.</exception>
    public static byte[] ToBytes<T>(NetworkSpec spec, ReadOnlySpan<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (parameters.Length != spec.Parameters.Length)
        {
            throw new ArgumentException(
                $"'parameters' has {parameters.Length} elements, expected {spec.Parameters.Length} = spec.Parameters.Length.",
                nameof(parameters));
        }

        for (int layer = 1; layer < spec.Layers.Length; layer++)
        {
            if (spec.Layers[layer] != spec.Layers[0])
            {
                throw new ArgumentException(
                    $"Layer {layer} is {spec.Layers[layer]}, expected {spec.Layers[0]} as layer 0: a module of PyTorch has equal layers.",
                    nameof(spec));
            }
        }

        var writer = new SafetensorsWriter();
        writer.Metadata["format"] = "pt";
        if (PyTorchOptions.Text(spec) is { } options)
        {
            writer.Metadata[PyTorchOptions.MetadataName] = options;
        }

        if (spec.EmbeddingWeights is { } table)
        {
            writer.Add("embed.weight", [table.Rows, table.Columns], table.In(parameters));
        }

        string prefix = spec.Head is null && spec.Embedding is null ? string.Empty : "rnn.";
        foreach ((int layer, Direction direction, ParameterRole role, ParameterSlot slot) in PyTorchNames.Slots(spec))
        {
            string name = prefix + PyTorchNames.Of(layer, direction, role);
            writer.Add(name, PyTorchNames.Shape(role, slot), slot.In(parameters));
        }

        if (spec.HeadWeights is { } weights)
        {
            writer.Add("head.weight", [weights.Rows, weights.Columns], weights.In(parameters));
        }

        if (spec.HeadBias is { } bias)
        {
            writer.Add("head.bias", [bias.Rows], bias.In(parameters));
        }

        return writer.ToBytes();
    }

    /// <summary>The parameters in the order of Spec.Parameters; F64 is rounded to the nearest float where T is float.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <returns>[Spec.Parameters.Length], zeros in the gaps.</returns>
    public AlignedBuffer<T> ReadParameters<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var parameters = new AlignedBuffer<T>(Spec.Parameters.Length);
        for (int i = 0; i < _tensors.Length; i++)
        {
            _tensors[i].CopyTo(Spec.Parameters.Slots[i].In(parameters.Span));
        }

        return parameters;
    }
}
