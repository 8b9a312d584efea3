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
        Option<WeightPrecision> precision = ModelOptions.Precision();
        Option<bool> batchFirst = ModelOptions.BatchFirst();
        var command = new Command("run", "Runs a model on sequences from .npy files, in single precision.")
        {
            model,
            input,
            output,
            precision,
            nonlinearity,
            batchFirst,
        };
        command.SetAction(result =>
        {
            string modelFile = result.GetRequiredValue(model);
            NamedFiles inputs = result.GetRequiredValue(input);
            NamedFiles outputs = result.GetRequiredValue(output);
            ModelOptions.ExpectSeparate([modelFile, .. inputs.Files], outputs.Files);
            var read = RecurrentModel.Read(modelFile, result.GetValue(nonlinearity));
            return Run(read, result.GetValue(precision), inputs, outputs, result.GetValue(batchFirst), terminal);
        });
        return command;
    }

    private static int Run(
        RecurrentModel model, WeightPrecision precision, NamedFiles inputs, NamedFiles outputs, bool batchFirst, Terminal terminal)
    {
        NetworkSpec spec = model.Spec;
        if (outputs["cn"] is not null && spec.State(0, Direction.Forward, StateKind.Cell) is null)
        {
            throw new ModelFormatException(model.Name, "the model is no LSTM and has no cell state, expected no output cn.");
        }

        AlignedBuffer<float> parameters = ModelFile.ReadParameters<float>(model, terminal);
        var input = NetworkInput<float>.Read(model, parameters.Span, inputs, batchFirst, terminal);
        SequenceLayout layout = input.Layout;
        var network = new PackedNetwork(spec, parameters.Span, precision);
        StreamState[] states = [.. Enumerable.Range(0, layout.Batch).Select(_ => new StreamState(network))];
        float[] y = new float[network.OutputLength(layout)];
        var workspace = new AlignedBuffer<float>(network.RunWorkspaceLength(layout));
        CopyStates(spec, input.State, states, toStates: true);
        network.Run(layout, input.X, states, y, workspace.Span);
        CopyStates(spec, input.State, states, toStates: false);

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

    /// <summary>Between the state of a batch and that of each of its sequences.</summary>
    private static void CopyStates(NetworkSpec spec, float[] batch, StreamState[] states, bool toStates)
    {
        foreach (StateSlot slot in spec.States)
        {
            Span<float> all = slot.In(batch.AsSpan(), states.Length);
            for (int i = 0; i < states.Length; i++)
            {
                Span<float> values = states[i].Values(slot);
                Span<float> row = all.Slice(i * slot.Size, slot.Size);
                (toStates ? row : values).CopyTo(toStates ? values : row);
            }
        }
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

    private static void AddState(AtomicFiles files, string? path, RecurrentModel model, StateKind kind, int batch, float[] state)
    {
        if (path is not null)
        {
            ModelPort port = model.Output(kind == StateKind.Hidden ? "hn" : "cn")!;
            int[] shape = port.Shape(1, batch);
            float[] values = new float[shape[0] * shape[1] * shape[2]];
            port.ExportStates<float>(batch, state, values);
            files.Add(path, NpyFile.ToBytes(shape, values));
        }
    }
}
