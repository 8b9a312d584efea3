using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Files;

namespace SpanRnn.Cli.GradCheck;

/// <summary>Command gradcheck: the gradients of a model against finite differences.</summary>
internal static class GradCheckCommand
{
    public static Command Create(Terminal terminal)
    {
        var input = new ModelInputOptions();
        Option<NamedFiles> outputGradient = NamedFiles.CreateOption(
            "--output-gradient",
            "gy, the gradient of the loss by y, in the shape of y; also gh=FILE and gc=FILE (or hn=FILE and cn=FILE), "
                + "the gradients by the final states; or the names of the model's own outputs.");
        Option<string?> write = FileOption.CreateOutput(
            "--write",
            "A safetensors file for the analytic gradients: grad.NAME for every parameter and every input that was given.",
            ".safetensors");
        Option<Precision> precision = ChoiceOption.Create(
            "--precision",
            "double, the default; or single: the gradient in float compared with differences in double.",
            ("double", Precision.Double),
            ("single", Precision.Single));
        Option<double> tolerance = NumberOption.Create<double>(
            "--tolerance",
            "The largest error that passes; 1e-6 is the default, in single 1e-4.",
            "ERROR",
            "a number above 0",
            value => value > 0 && double.IsFinite(value));
        Option<double> scale = NumberOption.Create<double>(
            "--scale",
            "The magnitude below which errors are absolute instead of relative; 1 is the default. Small gradients need a small scale; it "
                + "is raised to what differences can tell.",
            "SIZE",
            "a number, 0 or more",
            double.IsFinite);
        scale.DefaultValueFactory = _ => 1;
        var command = new CommandWithExample(
            "gradcheck",
            "Compares the gradients of sum(y*gy) + sum(hn*gh) + sum(cn*gc) by backpropagation with central differences.",
            "gradcheck model.safetensors --input x.npy --output-gradient gy.npy")
        {
            input.Model,
            input.Input,
            outputGradient,
            write,
            precision,
            tolerance,
            scale,
            input.Nonlinearity,
            input.Head,
            input.BatchFirst,
        };
        command.SetAction(result =>
        {
            ModelInputs inputs = input.Read(result, terminal);
            Dictionary<string, string> gradients = OutputGradients(inputs.Model, result.GetRequiredValue(outputGradient));
            string? path = result.GetValue(write);
            OutputFiles.ExpectSeparate([.. inputs.Paths, .. gradients.Values], path is null ? [] : [path]);
            var check = new GradCheckRun(inputs, gradients, terminal)
            {
                Tolerance = result.GetResult(tolerance) is null ? null : result.GetValue(tolerance),
                Scale = result.GetValue(scale),
            };
            return Run(check, result.GetValue(precision), path);
        });
        return command;
    }

    // The gradient by y may be called gy or y, and so on; the result has the names of the outputs.
    private static Dictionary<string, string> OutputGradients(RecurrentModel model, NamedFiles files)
    {
        string[] names = Ports.Names(model.Outputs);
        Dictionary<string, string> called = names.ToDictionary(
            name => name.StartsWith("hn", StringComparison.Ordinal) || name.StartsWith("cn", StringComparison.Ordinal)
                ? $"g{name[0]}{name[2..]}"
                : $"g{name}");
        Dictionary<string, string> given = files.Resolve([.. called.Keys, .. names], Ports.Principal(model.Outputs).Name);
        var result = new Dictionary<string, string>();
        foreach ((string name, string file) in given)
        {
            string output = called.GetValueOrDefault(name, name);
            if (!result.TryAdd(output, file))
            {
                throw new WrongCommandLineException($"--output-gradient {output} is given twice, expected one file.");
            }
        }

        return result;
    }

    private static int Run(GradCheckRun check, Precision precision, string? path)
    {
        double[] gradient = check.Gradient(precision);
        if (path is not null)
        {
            // Before the check, which may take long and may fail: a wrong gradient is worth a look.
            AtomicFiles.Write(path, check.ToBytes(gradient));
        }

        return check.Check(gradient, precision);
    }
}
