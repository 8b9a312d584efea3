using System.CommandLine;
using SpanRnn.Cells;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli;

/// <summary>run: the outputs of a model for given inputs.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        Option<NamedFiles> input = ModelOptions.Input();
        Option<NamedFiles> output = NamedFiles.Option(
            "--output",
            "y, the output [T, B, O], or [B, O] of a head on the last step; also hn=FILE and cn=FILE, the final states.",
            null,
            "y",
            "hn",
            "cn");
        Option<Activation?> nonlinearity = ModelOptions.Nonlinearity();
        Option<bool> batchFirst = ModelOptions.BatchFirst();
        var command = new Command("run", "Runs a model on sequences from .npy files, in single precision.")
        {
            model,
            input,
            output,
            nonlinearity,
            batchFirst,
        };
        command.SetAction(result =>
        {
            string modelFile = result.GetRequiredValue(model);
            NamedFiles inputs = result.GetRequiredValue(input);
            NamedFiles outputs = result.GetRequiredValue(output);
            ModelOptions.ExpectSeparate([modelFile, .. inputs.Files], outputs.Files);
            var read = PyTorchModel.Read(modelFile, result.GetValue(nonlinearity));
            return Run(read, inputs, outputs, result.GetValue(batchFirst), terminal);
        });
        return command;
    }

    private static int Run(PyTorchModel model, NamedFiles inputs, NamedFiles outputs, bool batchFirst, Terminal terminal)
    {
        NetworkSpec spec = model.Spec;
        if (outputs["cn"] is not null && spec.State(0, Direction.Forward, StateKind.Cell) is null)
        {
            throw new ModelFormatException(model.Name, "the model is no LSTM and has no cell state, expected no output cn.");
        }

        AlignedBuffer<float> parameters = ModelFile.ReadParameters<float>(model, terminal);
        var input = NetworkInput<float>.Read(model, inputs, batchFirst, terminal);
        SequenceLayout layout = input.Layout;
        var network = new Network<float>(spec);
        float[] y = new float[network.OutputLength(layout)];
        var tape = new AlignedBuffer<float>(network.TapeLength(layout));
        var workspace = new AlignedBuffer<float>(network.WorkspaceLength(layout));
        network.Forward(parameters.Span, layout, input.X, input.State, y, tape.Span, workspace.Span);

        using var files = new AtomicFiles();
        if (outputs["y"] is { } yFile)
        {
            files.Add(yFile, OutputBytes(spec, layout, y, batchFirst));
        }

        AddState(files, outputs["hn"], model, StateKind.Hidden, layout.Batch, input.State);
        AddState(files, outputs["cn"], model, StateKind.Cell, layout.Batch, input.State);
        files.Commit();
        return Application.Success;
    }

    private static byte[] OutputBytes(NetworkSpec spec, SequenceLayout layout, float[] y, bool batchFirst)
    {
        (int steps, int batch, int size) = (layout.Steps, layout.Batch, spec.OutputSize);
        if (spec.Head?.Position == HeadPosition.LastStep)
        {
            return NpyFile.ToBytes([batch, size], y);
        }

        return batchFirst
            ? NpyFile.ToBytes([batch, steps, size], Axes.Exchange<float>(y, steps, batch))
            : NpyFile.ToBytes([steps, batch, size], y);
    }

    private static void AddState(AtomicFiles files, string? path, PyTorchModel model, StateKind kind, int batch, float[] state)
    {
        if (path is not null)
        {
            int[] shape = model.StateShape(kind, batch);
            float[] values = new float[shape[0] * shape[1] * shape[2]];
            model.ExportState<float>(kind, batch, state, values);
            files.Add(path, NpyFile.ToBytes(shape, values));
        }
    }
}
