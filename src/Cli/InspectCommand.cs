using System.CommandLine;
using SpanRnn.Cells;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli;

/// <summary>inspect: what a model is.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        var command = new Command("inspect", "Shows the layers, shapes, parameter counts and sizes of a model.") { model };
        command.SetAction(result => Run(RecurrentModel.Read(result.GetRequiredValue(model)), terminal));
        return command;
    }

    private static int Run(RecurrentModel model, Terminal terminal)
    {
        NetworkSpec spec = model.Spec;
        TextWriter output = terminal.Output;
        int bytesPerNumber = model.Dtype == "F64" ? sizeof(double) : sizeof(float);
        output.WriteLine($"file        {model.Name}");
        output.WriteLine(spec.Embedding is { } table
            ? $"input       1 of {table.Symbols} symbols per step, embedded in {table.Size}"
            : $"input       {spec.InputSize} per step");
        for (int i = 0; i < spec.Layers.Length; i++)
        {
            output.WriteLine($"layer {i,-5} {Describe(model, i)}");
        }

        if (spec.Head is { } head)
        {
            string position = head.Position == HeadPosition.EveryStep ? "on every step" : "on the last step";
            string bias = head.Bias ? string.Empty : ", no bias";
            output.WriteLine($"head        dense, {spec.Layers[^1].OutputSize} → {head.OutputSize}, {position}{bias}");
        }

        string per = spec.Head?.Position == HeadPosition.LastStep ? "sequence" : "step";
        string bytes = Words.Count((long)spec.Parameters.Count * bytesPerNumber);
        output.WriteLine($"output      {spec.OutputSize} per {per}");
        output.WriteLine($"state       {Words.Count(spec.StateSize)} numbers per sequence");
        output.WriteLine($"parameters  {Words.Count(spec.Parameters.Count)} of {model.Dtype}, {bytes} bytes");
        foreach ((string key, string value) in model.Metadata)
        {
            output.WriteLine($"metadata    {Words.Printable(key)} = {Words.Printable(value)}");
        }

        List<string[]> rows = [];
        for (int i = 0; i < model.Sources.Length; i++)
        {
            (string name, int[] shape) = ModelFile.Tensor(model, i);
            int length = spec.Parameters.Slots[i].Length;
            rows.Add(
            [
                name,
                NumberFile.Text(shape),
                model.Sources[i].Dtype,
                Words.Count(length),
                Words.Count((long)length * bytesPerNumber),
            ]);
        }

        terminal.WriteTable(["tensor", "shape", "dtype", "#parameters", "#bytes"], rows);
        return Application.Success;
    }

    private static string Describe(RecurrentModel model, int index)
    {
        LayerSpec layer = model.Spec.Layers[index];
        string cell = layer.Cell switch
        {
            CellKind.Elman => model.TellsNonlinearity
                ? $"Elman RNN ({layer.Activation})"
                : "Elman RNN (Tanh unless --nonlinearity says otherwise)",
            CellKind.Lstm => "LSTM",
            CellKind.GruResetAfter => "GRU, reset after the product",
            _ => "GRU, reset before the product",
        };
        return cell
            + $", {model.Spec.LayerInputSize(index)} → {layer.OutputSize}, hidden size {layer.HiddenSize}"
            + (layer.ProjectionSize > 0 ? $", projected to {layer.ProjectionSize}" : string.Empty)
            + (layer.Bidirectional ? ", both directions" : string.Empty)
            + (layer.Bias ? string.Empty : ", no biases")
            + (layer.Peepholes ? ", peepholes" : string.Empty)
            + (layer.CoupledGates ? ", coupled input and forget gates" : string.Empty)
            + (layer.GateActivation == Activation.Sigmoid ? string.Empty : $", gates {layer.GateActivation}")
            + (layer.Cell == CellKind.Elman || layer.Activation == Activation.Tanh ? string.Empty : $", candidate {layer.Activation}")
            + (layer.OutputActivation == Activation.Tanh ? string.Empty : $", output {layer.OutputActivation}")
            + (double.IsFinite(layer.Clip) ? FormattableString.Invariant($", clipped at {layer.Clip}") : string.Empty)
            + (layer.TrainableInitialState ? ", trained initial state" : string.Empty);
    }
}
