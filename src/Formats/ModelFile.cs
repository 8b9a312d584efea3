using System.Numerics;
using System.Text;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Keras;
using SpanRnn.Formats.Nam;
using SpanRnn.Formats.Onnx;
using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.RtNeural;

namespace SpanRnn;

/// <summary>
/// Loads a recurrent network from a file of any format and saves one: the one place that knows all readers and writers.
/// </summary>
/// <remarks>
/// A model file is untrusted input: nothing in it is executed, no path in it leads outside its folder, and sizes are checked against the
/// bytes that are there before memory is taken.
/// </remarks>
public static class ModelFile
{
    private const string Onnx = ".onnx";
    private const string Json = ".json";
    private const string Safetensors = ".safetensors";
    private const int LengthBytes = 8;

    /// <summary>
    /// Reads a file, which may be a checkpoint of training. Its content tells the format, its name only where a damaged beginning does not.
    /// </summary>
    /// <remarks>
    /// The model owns the bytes that it is read into, so the file may change, move or go afterwards. Of JSON only the numbers are kept.
    /// While a file is read, at most 1.2 times the larger of the file and its parameters as floats is in memory.
    /// </remarks>
    /// <param name="path">The file, also its name in messages.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    /// <param name="given">
    /// Gives arrays for inputs of an ONNX graph, by name. Weights that are inputs are taken from them; all others are given again when the
    /// model runs. It is not called for other formats, which have no such inputs.
    /// </param>
    /// <exception cref="ModelFormatException">The content is not one recurrent network; the message says where.</exception>
    /// <exception cref="IOException">The file is missing, cannot be read, or changes while it is read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static RecurrentModel Load(
        string path, ActivationKind? nonlinearity = null, Func<IReadOnlyDictionary<string, NpyArray>>? given = null)
    {
        using var file = InputFile.Open(path);
        return Load(file, nonlinearity, given, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Reads the content of a file, such as a resource of the program.</summary>
    /// <inheritdoc cref="Load(string, ActivationKind?, Func{IReadOnlyDictionary{string, NpyArray}}?)"/>
    /// <param name="bytes">The whole file, in; the model refers to it.</param>
    /// <param name="name">The file as messages call it.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    public static RecurrentModel Load(ReadOnlyMemory<byte> bytes, string name, ActivationKind? nonlinearity = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        using var file = InputFile.Of(bytes, name);
        return Load(file, nonlinearity, given: null, folder: null);
    }

    /// <summary>
    /// Saves a network. The ending of the name decides the format: .safetensors with PyTorch's names and whatever else describes the
    /// network, or .onnx.
    /// </summary>
    /// <remarks>
    /// The file appears whole or not at all: it is written beside <paramref name="path"/> and then renamed over it. Loading a .safetensors
    /// gives back the same network and, if <paramref name="type"/> holds them, the same bits.
    /// </remarks>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="spec">The network.</param>
    /// <param name="parameters">[spec.Parameters.Length] in.</param>
    /// <param name="type">How a .safetensors stores numbers, rounded to the nearest; null for F32 from float and F64 from double.</param>
    /// <param name="batchFirst">True for x and y of [B, T, …] in ONNX instead of [T, B, …].</param>
    /// <param name="metadata">
    /// Text that a .safetensors keeps beside the network, by name; null for none. A loaded model has it in RecurrentModel.Metadata.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The name has another ending, the length is wrong, or the format cannot hold the network, a number or the metadata; the message says
    /// why.
    /// </exception>
    /// <exception cref="IOException">The path is a folder or a device, or cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is read-only, or its folder may not be written to.</exception>
    public static void Save<T>(
        string path,
        NetworkSpec spec,
        ReadOnlySpan<T> parameters,
        ElementType? type = null,
        bool batchFirst = false,
        IReadOnlyDictionary<string, string>? metadata = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(spec);
        AtomicFiles.Write(path, ToBytes(path, spec, parameters, type, batchFirst, metadata));
    }

    /// <summary>Makes the bytes that <see cref="Save"/> writes.</summary>
    internal static byte[] ToBytes<T>(
        string path,
        NetworkSpec spec,
        ReadOnlySpan<T> parameters,
        ElementType? type,
        bool batchFirst,
        IReadOnlyDictionary<string, string>? metadata = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case Safetensors:
                return PyTorchWriter.ToBytes(spec, parameters, type, metadata);
            case Onnx when metadata is { Count: > 0 }:
                throw new ArgumentException(
                    "'metadata' is given with .onnx, expected .safetensors, the format that keeps it.", nameof(metadata));
            case Onnx when type is null or ElementType.Single:
                return OnnxWriter.ToBytes(spec, Rounded(parameters), batchFirst);
            case Onnx:
                throw new ArgumentException($"'type' is {type}, expected Single: numbers in ONNX are float.", nameof(type));
            default:
                throw new ArgumentException($"'path' is '{path}', expected a name that ends in .safetensors or .onnx.", nameof(path));
        }
    }

    private static float[] Rounded<T>(ReadOnlySpan<T> parameters)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        float[] rounded = new float[parameters.Length];
        for (int i = 0; i < rounded.Length; i++)
        {
            rounded[i] = float.CreateTruncating(parameters[i]);
            if (float.IsInfinity(rounded[i]) && T.IsFinite(parameters[i]))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"The number {parameters[i]} is too large for F32, expected a number that fits."),
                    nameof(parameters));
            }
        }

        return rounded;
    }

    /// <summary>Finds the network in the tensors of <paramref name="file"/>.</summary>
    /// <inheritdoc cref="Load(string, ActivationKind?, Func{IReadOnlyDictionary{string, NpyArray}}?)"/>
    /// <param name="file">The tensors; the model refers to them.</param>
    /// <param name="nonlinearity">The activation of an nn.RNN, which shapes cannot tell; null for the file's, else tanh.</param>
    internal static RecurrentModel Load(SafetensorsFile file, ActivationKind? nonlinearity = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Metadata.ContainsKey(KerasReader.MetadataName) ? KerasReader.Read(file).WithoutChoice(nonlinearity)
            : TrainingCheckpoint.Is(file) ? TrainingCheckpoint.From(file).ToModel().WithoutChoice(nonlinearity)
            : new PyTorchReader(file).Read(nonlinearity);
    }

    /// <summary>
    /// Reads the description of a network from a file of JSON: the object with "input" and "layers" that files written here have in their
    /// metadata. It has no parameters.
    /// </summary>
    /// <param name="path">The file, also its name in messages.</param>
    /// <exception cref="ModelFormatException">The content describes no network; the message says where.</exception>
    /// <exception cref="IOException">The file is missing, cannot be read, or changes while it is read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    internal static NetworkSpec ReadSpec(string path)
    {
        using var file = InputFile.Open(path);
        ReadOnlySpan<byte> text = file.ReadAll().Span, mark = JsonText.ByteOrderMark;
        return SpecFrom(Encoding.UTF8.GetString(text.StartsWith(mark) ? text[mark.Length..] : text), path);
    }

    /// <summary>Reads the description of a network from text.</summary>
    /// <inheritdoc cref="ReadSpec"/>
    /// <param name="json">The text of such a file.</param>
    /// <param name="name">The text as messages call it.</param>
    internal static NetworkSpec SpecFrom(string json, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(name);
        return NetworkJson.Read(json, name);
    }

    private static RecurrentModel Load(
        InputFile file, ActivationKind? nonlinearity, Func<IReadOnlyDictionary<string, NpyArray>>? given, string? folder)
    {
        string ending = Path.GetExtension(file.Name).ToLowerInvariant();
        ReadOnlySpan<byte> head = file.Head;
        string format = IsJson(head) ? Json : IsSafetensors(head) ? Safetensors : IsOnnx(head) ? Onnx : string.Empty;
        if (format.Length == 0)
        {
            var kind = FileKind.Find(head);
            format = kind is not null ? throw new ModelFormatException(file.Name, $"the file is {kind.Name}, expected {kind.AsModel}.")
                : head.IsEmpty ? throw new ModelFormatException(file.Name, $"the file is empty, expected {FileKind.AnyModel}.")
                : ending;
        }

        return format switch
        {
            Onnx => OnnxReader.Read(file.ReadAll(), file.Name, given?.Invoke(), folder).WithoutChoice(nonlinearity),
            Json or ".nam" or ".aidax" => JsonPart.Read(
                file,
                "the file",
                root => root.Find("architecture") is not null || (ending == ".nam" && root.Find("config") is not null)
                    ? NamReader.Read(root).WithoutChoice(nonlinearity)
                    : RtNeuralReader.Read(root, nonlinearity)),
            Safetensors => Load(SafetensorsFile.Parse(file.ReadAll(), file.Name), nonlinearity),
            _ => throw new ModelFormatException(
                file.Name, $"the file begins with {Convert.ToHexString(head[..Math.Min(head.Length, 8)])}, expected {FileKind.AnyModel}."),
        };
    }

    // White space, then an object or an array. The length of a safetensors header begins so too, but has zeros.
    private static bool IsJson(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> mark = JsonText.ByteOrderMark;
        ReadOnlySpan<byte> text = (head.StartsWith(mark) ? head[mark.Length..] : head).TrimStart(" \t\r\n"u8);
        return text is [(byte)'{' or (byte)'[', ..] && !head[..Math.Min(head.Length, LengthBytes)].Contains((byte)0);
    }

    // The length of the header in eight bytes, then an object.
    private static bool IsSafetensors(ReadOnlySpan<byte> head) => head.Length > LengthBytes && head[LengthBytes] == '{';

    // ir_version = 1, a small number, then another field of ModelProto.
    private static bool IsOnnx(ReadOnlySpan<byte> head) =>
        head is [0x08, < 0x20, 0x12 or 0x1A or 0x22 or 0x28 or 0x32 or 0x3A or 0x42 or 0x72, ..];
}
