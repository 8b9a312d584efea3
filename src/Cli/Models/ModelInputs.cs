using SpanRnn.Cli.Arrays;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli.Models;

/// <summary>A model with the files of its inputs.</summary>
/// <param name="Model">The model. ONNX weights that were given as inputs are part of it.</param>
/// <param name="Files">The file of each input that was given, by the input's name; x is among them.</param>
internal sealed record ModelInputs(RecurrentModel Model, Dictionary<string, string> Files)
{
    /// <summary>Reads a model and finds the files of its inputs.</summary>
    /// <param name="path">The model.</param>
    /// <param name="nonlinearity">The activation of an RNN whose file does not name it.</param>
    /// <param name="inputs">The files.</param>
    public static ModelInputs Read(string path, Activation? nonlinearity, NamedFiles inputs)
    {
        bool isOnnx = Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase);
        Dictionary<string, NpyFile> given = isOnnx ? inputs.ReadArrays() : [];
        var model = RecurrentModel.Read(path, nonlinearity, given);
        string[] names = [.. Ports.Names(model.Inputs).Union(given.Keys)];
        return new ModelInputs(model, inputs.Resolve(names, Ports.Principal(model.Inputs).Name, needed: true));
    }
}
