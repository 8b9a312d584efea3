using System.CommandLine;
using System.Numerics;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Model;

namespace SpanRnn.Cli.Models;

/// <summary>Model files that commands write. The ending of the name decides the format: .safetensors or .onnx.</summary>
internal static class ModelNames
{
    /// <summary>Makes an option for the name of such a file.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    public static Option<string?> CreateOption(string name, string description) =>
        FileOption.Create(name, description, path => Problem(name, path));

    /// <summary>Makes an argument for the name of such a file.</summary>
    /// <param name="name">Its name in the help.</param>
    /// <param name="description">Its line in the help.</param>
    public static Argument<string> CreateArgument(string name, string description) =>
        FileOption.CreateArgument(name, description, path => Problem(name, path));

    /// <summary>Returns true for the name of an ONNX model, whose numbers are floats.</summary>
    public static bool IsOnnx(string path) => FileEnding.Of(path) == ".onnx";

    /// <summary>Returns true for a model whose x is [B, T, …]; an ONNX file that is written of it keeps these axes.</summary>
    public static bool IsBatchFirst(RecurrentModel model) =>
        Ports.Principal(model.Inputs).Axes == ModelPorts.Inputs(model.Spec)[0].BatchFirst().Axes;

    /// <summary>Makes the bytes of a model in the format of its name.</summary>
    /// <param name="name">The network as messages call it.</param>
    /// <param name="spec">The network.</param>
    /// <param name="parameters">[spec.Parameters.Length] in.</param>
    /// <param name="path">The name of the file.</param>
    /// <param name="dtype">How a .safetensors stores numbers; null for F32 from float and F64 from double.</param>
    /// <param name="batchFirst">True for x and y of [B, T, …] in ONNX. A .safetensors has no axes of x.</param>
    /// <param name="metadata">Text that a .safetensors keeps beside the network; null for none.</param>
    /// <exception cref="ModelFormatException">The format cannot express the network; the sentence says why.</exception>
    public static byte[] ToBytes<T>(
        string name,
        NetworkSpec spec,
        ReadOnlySpan<T> parameters,
        string path,
        ElementType? dtype = null,
        bool batchFirst = false,
        IReadOnlyDictionary<string, string>? metadata = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        try
        {
            return ModelFile.ToBytes(path, spec, parameters, dtype, batchFirst, metadata);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(name, $"cannot be written as '{path}': {Display.Sentence(e)}");
        }
    }

    private static string? Problem(string symbol, string path) => FileEnding.Of(path) is ".safetensors" or ".onnx"
        ? null
        : $"{symbol} is '{path}', expected a name that ends in .safetensors or .onnx.";
}
