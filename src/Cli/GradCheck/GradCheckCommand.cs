using System.CommandLine;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli;

/// <summary>gradcheck: the gradients of a model against finite differences.</summary>
internal static class GradCheckCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        Option<NamedFiles> input = ModelOptions.Input();
        Option<NamedFiles> outputGradient = NamedFiles.Option(
            "--output-gradient",
            "gy, the gradient of the loss by y, in the shape of y; also gh=FILE and gc=FILE, those by the final states hn and cn.",
            null,
            "y|gy",
            "hn|gh",
            "cn|gc");
        Option<string?> write = new("--write")
        {
            Description = "A safetensors file for the analytic gradients: grad.NAME for every parameter and every input that was given.",
            HelpName = "FILE",
        };
        Option<Precision> precision = Choice.Option(
            "--precision",
            "double, the default, checked to 1e-6; or single: the gradient in float against differences in double, checked to 1e-4.",
            ("double", Precision.Double),
            ("single", Precision.Single));
        Option<Activation?> nonlinearity = ModelOptions.Nonlinearity();
        Option<bool> batchFirst = ModelOptions.BatchFirst();
        var command = new Command(
            "gradcheck",
            "Holds the gradients of sum(y*gy) + sum(hn*gh) + sum(cn*gc) by backpropagation against central differences.")
        {
            model,
            input,
            outputGradient,
            write,
            precision,
            nonlinearity,
            batchFirst,
        };
        command.SetAction(result =>
        {
            NamedFiles inputs = result.GetRequiredValue(input);
            NamedFiles outputGradients = result.GetRequiredValue(outputGradient);
            string modelFile = result.GetRequiredValue(model);
            if (result.GetValue(write) is { } written)
            {
                ModelOptions.ExpectSeparate([modelFile, .. inputs.Files, .. outputGradients.Files], [written]);
            }

            var gradCheck = new GradCheck(
                PyTorchModel.Read(modelFile, result.GetValue(nonlinearity)), inputs, outputGradients, result.GetValue(batchFirst), terminal);
            return gradCheck.Run(result.GetValue(precision), result.GetValue(write));
        });
        return command;
    }
}
