using System.Diagnostics;
using System.Text.Json;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Formats.RtNeural;

/// <summary>
/// Reads a state_dict of PyTorch as JSON, {"gru.weight_ih_l0":[[...]],...}. It is the whole file or, in files of
/// Automated-GuitarAmpModelling and its successors, the member "state_dict" beside "model_data". The order of its recurrent modules is the
/// order in the file.
/// </summary>
internal static class StateDictReader
{
    private const string StateDict = "state_dict";
    private const string ModelData = "model_data";

    /// <summary>Reads the model of a file.</summary>
    public static RecurrentModel Read(JsonPart root, ActivationKind? nonlinearity)
    {
        var notes = new JsonNotes();
        JsonPart? nested = root.Find(StateDict);
        List<ParameterSource> tensors = [];
        foreach (JsonPart member in (nested ?? root).Members)
        {
            if (member.Kind == JsonValueKind.Array)
            {
                tensors.Add(member.Tensor(member.Name));
            }
            else if (member.Name != ModelData)
            {
                notes.Add(member);
            }
        }

        foreach (JsonPart member in nested is null ? [] : root.Members.Where(member => member.Name is not (StateDict or ModelData)))
        {
            notes.Add(member);
        }

        var reader = new PyTorchReader(root.File, "JSON, PyTorch's names", tensors, notes.Metadata, inOrder: true);
        RecurrentModel model = reader.Read(nonlinearity);
        NetworkSpec spec = model.Spec;
        if (root.Find(ModelData) is { } data)
        {
            Check(data, spec, notes);
            if (data.Find("skip") is { } skip && RtNeuralSkip.Read(skip, spec.InputSize, spec.OutputSize) is > 0 and int count)
            {
                spec = spec.Embedding is not null ? throw skip.Fail($"is {count}, expected 0 for an input of symbols")
                    : spec.Layers[^1] is not DenseLayer
                        ? throw skip.Fail($"is {count}, expected 0 without a dense layer to add the input to")
                    : new NetworkSpec(spec.InputSize, [.. spec.Layers, new SkipLayer(0) { Features = count }]);
            }
        }

        return new RecurrentModel(model.Name, model.Format, spec, [.. model.Sources])
        {
            Metadata = notes.Metadata,
            Unused = notes.Unused,
            SampleRate = notes.SampleRate,
            TellsNonlinearity = model.TellsNonlinearity,
            TellsReadout = model.TellsReadout,
            Assumed = model.Assumed,
        };
    }

    /// <summary>Checks the description of the module in the file against the tensors.</summary>
    private static void Check(JsonPart data, NetworkSpec spec, JsonNotes notes)
    {
        var first = (RecurrentLayer)spec.Layers[0];
        foreach (JsonPart member in data.Members)
        {
            int? expected = member.Name switch
            {
                "input_size" => spec.InputSize,
                "output_size" => spec.OutputSize,
                "hidden_size" => first.HiddenSize,
                "num_layers" => spec.Layers.ToArray().Count(layer => layer is RecurrentLayer),
                _ => null,
            };
            if (expected is { } size && member.Integer(0) != size)
            {
                throw member.Fail($"is {member.Integer(0)}, expected {size} as in the tensors of the file");
            }
            else if (member.Name == "unit_type" && member.Text() != UnitType(first.Cell))
            {
                throw member.Fail(
                    $"is {ModelFormatException.Quote(member.Text())}, expected {UnitType(first.Cell)}, as the tensors are");
            }
            else
            {
                notes.Add(member);
            }
        }
    }

    private static string UnitType(CellKind cell) => cell switch
    {
        CellKind.Elman => "RNN",
        CellKind.Lstm => "LSTM",
        CellKind.GruResetAfter or CellKind.GruResetBefore => "GRU",
        _ => throw new UnreachableException(),
    };
}
