using System.CommandLine;
using SpanRnn.Cells;
using SpanRnn.Formats;

namespace SpanRnn.Cli;

/// <summary>inspect: what a model is.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        var command = new Command("inspect", "Shows the layers, shapes, parameter counts and sizes of a model.") { model };
        command.SetAction(result => Run(PyTorchModel.Read(result.GetRequiredValue(model)), terminal));
        return command;
    }

    private static int Run(PyTorchModel model, Terminal terminal)
    {
        NetworkSpec spec = model.Spec;
        TextWriter output = terminal.Output;
        int bytesPerNumber = model.Dtype == "F64" ? sizeof(double) : sizeof(float);
        output.WriteLine($"file        {model.Name}");
        output.WriteLine($"input       {spec.InputSize} per step");
        for (int i = 0; i < spec.Layers.Length; i++)
        {
            output.WriteLine($"layer {i,-5} {Describe(spec.Layers[i], spec.LayerInputSize(i))}");
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
            output.WriteLine($"metadata    {Printable(key)} = {Printable(value)}");
        }

        List<string[]> rows = [];
        foreach (SafetensorsTensor tensor in model.Tensors)
        {
            rows.Add(
            [
                Printable(tensor.Name),
                NumberFile.Text(tensor.Shape),
                tensor.Dtype,
                Words.Count(tensor.Length),
                Words.Count((long)tensor.Length * bytesPerNumber),
            ]);
        }

        terminal.WriteTable(["tensor", "shape", "dtype", "#parameters", "#bytes"], rows);
        return Application.Success;
    }

    private static string Describe(LayerSpec layer, int inputSize)
    {
        string cell = layer.Cell switch
        {
            CellKind.Elman => $"Elman RNN ({layer.Activation})",
            CellKind.Lstm => "LSTM",
            CellKind.GruResetAfter => "GRU, reset after the product",
            _ => "GRU, reset before the product",
        };
        return cell
            + $", {inputSize} → {layer.OutputSize}, hidden size {layer.HiddenSize}"
            + (layer.ProjectionSize > 0 ? $", projected to {layer.ProjectionSize}" : string.Empty)
            + (layer.Bidirectional ? ", both directions" : string.Empty)
            + (layer.Bias ? string.Empty : ", no biases");
    }

    // A file's text does not get to steer the terminal.
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
