using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;

namespace SpanRnn.Cli.Run;

/// <summary>Command run: the outputs of a model for given inputs.</summary>
internal static class RunCommand
{
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
        var command = new CommandWithExample(
            "run",
            "Runs a model on sequences from .npy files, in single precision.",
            "run model.onnx --input x.npy --output y.npy")
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
            ModelRunner.ExpectPrewarmSteps(inputs.Model, result.GetValue(prewarm), prewarm.Name);
            var runner = new ModelRunner(inputs.Model, ModelParameters.Read<float>(inputs.Model, terminal), result.GetValue(precision))
            {
                BatchFirst = inputs.BatchFirst,
                Prewarm = result.GetValue(prewarm),
            };
            Dictionary<string, NpyArray> arrays = runner.Run(inputs.Arrays, terminal.Notice);
            using var files = new AtomicFiles();
            foreach ((string name, string path) in outputs)
            {
                files.Add(path, arrays[name].ToBytes());
            }

            files.Commit();
            return ExitCode.Success;
        });
        return command;
    }
}
