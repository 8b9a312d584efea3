using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Model;

namespace SpanRnn.Cli.Models;

/// <summary>Options of the commands that compute with a model and its input arrays.</summary>
internal sealed class ModelInputOptions
{
    public Argument<string> Model { get; } = ModelOptions.Model();

    public Option<NamedFiles> Input { get; } = NamedFiles.CreateOption(
        "--input",
        "x, the input [T, B, I], or symbols [T, B]; also h0=FILE and c0=FILE, the initial states [layers × directions, B, size], and "
            + "lengths=FILE, integers [B]. A model may have names of its own, as ONNX models do; inspect shows them.");

    public Option<ActivationKind?> Nonlinearity { get; } = ModelOptions.Nonlinearity();

    public Option<HeadChoice?> Head { get; } = ModelOptions.Head();

    public Option<bool> BatchFirst { get; } = new("--batch-first")
    {
        Description = "x, y and the gradient of y are [B, T, ...] instead of [T, B, ...]; states stay as they are, as in PyTorch.",
    };

    /// <summary>Reads the model and finds the files of its inputs.</summary>
    public ModelInputs Read(ParseResult result, Terminal terminal)
    {
        string path = result.GetRequiredValue(Model);
        NamedFiles inputs = result.GetRequiredValue(Input);
        bool batchFirst = result.GetValue(BatchFirst);

        // Only ONNX models can have weights as inputs.
        Dictionary<string, NpyArray> given = [];
        RecurrentModel model = ModelFile.Load(path, result.GetValue(Nonlinearity), () => given = inputs.ReadArrays());
        model = ModelOptions.Placed(model, result.GetValue(Head), terminal);
        ModelPort x = Ports.Principal(model.Inputs);
        Dictionary<string, string> files = inputs.Resolve([.. Ports.Names(model.Inputs).Union(given.Keys)], x.Name, needed: true);
        Ports.ExpectTimeMajor(model, batchFirst, BatchFirst.Name);
        var arrays = files
            .Where(file => model.Input(file.Key) is not null)
            .ToDictionary(file => file.Key, file => NpyArray.Load(file.Value));
        return new ModelInputs([path, .. files.Values], model, arrays, batchFirst);
    }
}
