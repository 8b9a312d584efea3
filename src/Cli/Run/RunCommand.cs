using System.CommandLine;
using SpanRnn.Cli.Arrays;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Run;

/// <summary>Command run: the outputs of a model for given inputs.</summary>
internal static class RunCommand
{
    // Steps of silence at a time: the workspace of a run grows with its steps.
    private const int PrewarmBlock = 512;

    public static Command Create(Terminal terminal)
    {
        var input = new ModelInputOptions();
        Option<NamedFiles> output = NamedFiles.CreateOption(
            "--output",
            "y, the output [T, B, O], or [B, O] of a network with one output per sequence; also hn=FILE and cn=FILE, the final states; or "
                + "the model's own names.",
            ".npy");
        Option<WeightPrecision> precision = ModelOptions.Precision();
        Option<bool> prewarm = new("--prewarm")
        {
            Description = "Runs the model on zeros first, for as many steps as its file says, as NAM files do.",
        };
        var command = new Command("run", "Runs a model on sequences from .npy files, in single precision.")
        {
            input.Model,
            input.Input,
            output,
            precision,
            input.Nonlinearity,
            input.Head,
            input.BatchFirst,
            prewarm,
        };
        command.SetAction(result =>
        {
            ModelInputs inputs = input.Read(result, terminal);
            IReadOnlyList<ModelPort> ports = inputs.Model.Outputs;
            Dictionary<string, string> outputs = result.GetRequiredValue(output).Resolve(Ports.Names(ports), Ports.Principal(ports).Name);
            OutputFiles.ExpectSeparate(inputs.Paths, outputs.Values);
            if (result.GetValue(prewarm) && inputs.Model.PrewarmSteps == 0)
            {
                throw new ModelFormatException(
                    inputs.Path, "the model needs no steps of zeros before its first step, expected no --prewarm.");
            }

            Run(inputs, outputs, result.GetValue(precision), result.GetValue(prewarm), terminal);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Run(
        ModelInputs inputs, Dictionary<string, string> outputs, WeightPrecision precision, bool prewarm, Terminal terminal)
    {
        RecurrentModel model = inputs.Model;
        NetworkSpec spec = model.Spec;
        AlignedBuffer<float> parameters = ModelParameters.Read<float>(model, terminal);
        var input = ForwardInput<float>.Read(inputs, parameters.Span, terminal);
        SequenceLayout layout = input.Layout;
        var network = new PackedNetwork(spec, parameters.Span, precision);
        StreamState[] states = [.. Enumerable.Range(0, layout.Batch).Select(_ => new StreamState(network))];
        CopyStates(spec, input.State, states, toStates: true);
        if (prewarm)
        {
            Prewarm(network, states, model.PrewarmSteps);
        }

        float[] y = Run(network, layout, input.X, states);
        if (model.PaddingRow is { } row)
        {
            Padding.Fill<float>(layout, y, [.. row]);
        }

        CopyStates(spec, input.State, states, toStates: false);

        using var files = new AtomicFiles();
        foreach (ModelPort output in model.Outputs)
        {
            if (outputs.TryGetValue(output.Name, out string? path))
            {
                ModelPort port = Ports.As(output, inputs.BatchFirst);
                int[] shape = port.Shape(layout.Steps, layout.Batch);
                float[] values = new float[ArrayFile.Length(shape)];
                if (port.Kind == PortKind.States)
                {
                    port.ExportStates<float>(layout.Batch, input.State, values);
                }
                else
                {
                    port.FromNetwork<float>(layout.Steps, layout.Batch, y, values);
                    shape = input.IsFlat && values.Length == layout.Steps ? [layout.Steps] : shape;
                }

                files.Add(path, NpyFile.ToBytes(shape, values));
            }
        }

        files.Commit();
    }

    private static float[] Run(PackedNetwork network, SequenceLayout layout, float[] x, StreamState[] states)
    {
        float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
        var workspace = new AlignedBuffer<float>(network.RunWorkspaceLength(layout));
        network.Run(layout, x, states, y, workspace.Span);
        return y;
    }

    private static void Prewarm(PackedNetwork network, StreamState[] states, int steps)
    {
        var layout = new SequenceLayout();
        for (int done = 0; done < steps; done += PrewarmBlock)
        {
            layout.Set(Math.Min(PrewarmBlock, steps - done), states.Length);
            Run(network, layout, new float[network.Spec.InputLength(layout.Steps, layout.Batch)], states);
        }
    }

    // Between the state of a batch and the states of its sequences.
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
}
