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
        int bytesPerNumber = model.Dtype == "F64" ? sizeof(double) : sizeof(float);
        terminal.Output.WriteLine($"file        {model.Name}");
        terminal.Output.WriteLine($"input       {spec.InputSize} per step");
        for (int i = 0; i < spec.Layers.Length; i++)
        {
            terminal.Output.WriteLine($"layer {i,-5} {Describe(spec.Layers[i], spec.LayerInputSize(i))}");
        }

        if (spec.Head is { } head)
        {
            string position = head.Position == HeadPosition.EveryStep ? "on every step" : "on the last step";
            terminal.Output.WriteLine(
                $"head        dense, {spec.Layers[^1].OutputSize} → {head.OutputSize}, {position}{(head.Bias ? string.Empty : ", no bias")}");
        }

        terminal.Output.WriteLine($"output      {spec.OutputSize}{(spec.Head?.Position == HeadPosition.LastStep ? " per sequence" : " per step")}");
        terminal.Output.WriteLine($"state       {Words.Count(spec.StateSize)} numbers per sequence");
        terminal.Output.WriteLine(
            $"parameters  {Words.Count(spec.Parameters.Count)} of {model.Dtype}, {Words.Count((long)spec.Parameters.Count * bytesPerNumber)} bytes");
        foreach ((string key, string value) in model.Metadata)
        {
            terminal.Output.WriteLine($"metadata    {Printable(key)} = {Printable(value)}");
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
