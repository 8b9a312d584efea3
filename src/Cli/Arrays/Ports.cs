using SpanRnn.Cli.CommandLine;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli.Arrays;

/// <summary>The arrays of a model as the command line names and lays them out.</summary>
internal static class Ports
{
    /// <summary>x or y: the array that is meant where a file has no name.</summary>
    public static ModelPort Principal(IReadOnlyList<ModelPort> ports) =>
        ports.FirstOrDefault(port => port.Kind is PortKind.Values or PortKind.Symbols) ?? ports[0];

    /// <summary>Their names.</summary>
    public static string[] Names(IEnumerable<ModelPort> ports) => [.. ports.Select(port => port.Name)];

    /// <summary>Reads a model and finds the file of each of its inputs; there has to be one for x.</summary>
    /// <param name="path">The model.</param>
    /// <param name="nonlinearity">The activation that the file does not tell.</param>
    /// <param name="inputs">The files; of an ONNX model some may be weights, which are part of it from here on.</param>
    public static (RecurrentModel Model, Dictionary<string, string> Files) Read(string path, Activation? nonlinearity, NamedFiles inputs)
    {
        bool isOnnx = Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase);
        Dictionary<string, NpyFile> given = isOnnx ? inputs.Arrays() : [];
        RecurrentModel model = ModelReader.Read(path, nonlinearity, given);
        string[] names = [.. Names(model.Inputs).Union(given.Keys)];
        return (model, inputs.Resolve(names, Principal(model.Inputs).Name, needed: true));
    }

    /// <summary>An array with its batch first where that is asked for.</summary>
    public static ModelPort As(ModelPort port, bool batchFirst) => batchFirst ? port.BatchFirst() : port;

    /// <summary>Refuses --batch-first for a model whose x has no steps before a batch to exchange.</summary>
    public static void ExpectTimeMajor(RecurrentModel model, bool batchFirst)
    {
        ModelPort x = Principal(model.Inputs);
        if (batchFirst && x.BatchFirst() == x)
        {
            throw new ModelFormatException(model.Name, $"{x.Name} is {x.Axes}, expected no --batch-first, which is for [T, B, ...].");
        }
    }
}
