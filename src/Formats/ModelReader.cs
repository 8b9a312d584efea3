using SpanRnn.Formats.Files;
using SpanRnn.Formats.Keras;
using SpanRnn.Formats.Nam;
using SpanRnn.Formats.Onnx;
using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.RtNeural;

namespace SpanRnn;

/// <summary>Reads a recurrent network from a file of any format: the one place that knows all readers.</summary>
public static class ModelReader
{
    /// <summary>
    /// Reads a file: .onnx, .json and .nam by their extension, any other file as safetensors, which may be a checkpoint of training.
    /// </summary>
    /// <remarks>
    /// The file is mapped, not copied, until the model is collected: replace it by renaming, do not write into it. On Windows it is
    /// copied into an array.
    /// </remarks>
    /// <param name="path">The file, also its name in messages.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    /// <param name="given">
    /// Arrays for inputs of an ONNX graph, by name. Weights that are inputs are taken from them; all others are given again when the model
    /// runs. No other format has any.
    /// </param>
    /// <exception cref="ModelFormatException">The content is not one recurrent network; the message says where.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static RecurrentModel Read(
        string path, ActivationKind? nonlinearity = null, IReadOnlyDictionary<string, NpyFile>? given = null)
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

    /// <summary>Reads the content of a file, such as a resource of the program.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="bytes">The whole file, in; the model refers to it.</param>
    /// <param name="name">The file as messages call it; its extension tells the format.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    public static RecurrentModel From(ReadOnlyMemory<byte> bytes, string name, ActivationKind? nonlinearity = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        return From(bytes, name, nonlinearity, given: null, folder: null);
    }

    /// <summary>Finds the network in the tensors of <paramref name="file"/>.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="file">The tensors; the model refers to them.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    public static RecurrentModel From(SafetensorsFile file, ActivationKind? nonlinearity = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Metadata.ContainsKey(KerasReader.MetadataName) ? KerasReader.Read(file).WithoutChoice(nonlinearity)
            : TrainingCheckpoint.Is(file) ? TrainingCheckpoint.From(file).ToModel().WithoutChoice(nonlinearity)
            : new PyTorchReader(file).Read(nonlinearity);
    }

    private static RecurrentModel From(
        ReadOnlyMemory<byte> bytes,
        string name,
        ActivationKind? nonlinearity,
        IReadOnlyDictionary<string, NpyFile>? given,
        string? folder) =>
        Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".onnx" => OnnxReader.Read(bytes, name, given, folder).WithoutChoice(nonlinearity),
            ".json" => RtNeuralReader.Read(bytes, name, nonlinearity),
            ".nam" => NamReader.Read(bytes, name).WithoutChoice(nonlinearity),
            _ => From(SafetensorsFile.Parse(bytes, name), nonlinearity),
        };
}
