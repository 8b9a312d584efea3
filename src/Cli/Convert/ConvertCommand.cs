using System.CommandLine;
using SpanRnn.Cli.Arrays;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Convert;

/// <summary>Command convert: a model in another format.</summary>
internal static class ConvertCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        Argument<string> output = FileOption.CreateArgument(
            "OUT", "The file to write: .safetensors, which load_state_dict takes, or .onnx, which ONNX Runtime takes.");
        Option<ElementType?> dtype = ChoiceOption.Create<ElementType?>(
            "--dtype",
            "The type of the numbers in a .safetensors, rounded to the nearest; f32 is the default, f64 for a model in double.",
            ("f32", ElementType.Single),
            ("f64", ElementType.Double),
            ("f16", ElementType.Half),
            ("bf16", ElementType.BFloat16));
        Option<ActivationKind?> nonlinearity = ModelOptions.Nonlinearity();
        var command = new Command("convert", "Writes a model of any format as .safetensors or .onnx.")
        {
            model,
            output,
            dtype,
            nonlinearity,
        };
        command.SetAction(result =>
        {
            string to = result.GetRequiredValue(output);
            bool isOnnx = Path.GetExtension(to) == ".onnx";
            if (!isOnnx && Path.GetExtension(to) != ".safetensors")
            {
                throw new WrongCommandLineException($"OUT is '{to}', expected a name that ends in .safetensors or .onnx.");
            }

            if (isOnnx && result.GetValue(dtype) is not (null or ElementType.Single))
            {
                throw new WrongCommandLineException("--dtype is given, expected it only with .safetensors: ONNX models are in f32.");
            }

            string from = result.GetRequiredValue(model);
            OutputFiles.ExpectSeparate([from], [to]);
            RecurrentModel read = ModelReader.Read(from, result.GetValue(nonlinearity));
            ElementType usual = read.Dtype == "F64" && !isOnnx ? ElementType.Double : ElementType.Single;
            Convert(read, to, result.GetValue(dtype) ?? usual, terminal);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Convert(RecurrentModel model, string path, ElementType dtype, Terminal terminal)
    {
        OutputFiles.Write(path, Bytes(model, path, dtype, terminal));
        string word = dtype switch
        {
            ElementType.Double => "F64",
            ElementType.Single => "F32",
            ElementType.Half => "F16",
            _ => "BF16",
        };
        string count = Display.Count(model.Spec.Parameters.Count);
        terminal.Output.WriteLine($"{path}: {count} parameters in {word}, from {Display.Printable(model.Format)} in {model.Dtype}.");

        // Everything that a reader of the new file cannot know.
        string[] metadata = [.. model.Metadata.Keys.Where(key => key is not ("format" or "spanrnn"))];
        string[] lost =
        [
            .. model.Unused,
            .. metadata.Length > 0 ? new[] { $"metadata {string.Join(", ", metadata)}" } : [],
            .. model.Outputs.Any(port => port.Kind == PortKind.Values)
                ? []
                : new[] { $"that {Ports.Principal(model.Outputs).Name} is a final state: in the new file it is hn, and y is every step" },
            .. path.EndsWith(".onnx", StringComparison.Ordinal) && model.Spec.StateSize > 0
                ? new[] { "initial states and lengths of sequences as inputs" }
                : [],
            .. model.FixedLengths is null ? [] : new[] { "the lengths of the sequences" },
            .. model.SampleRate is { } rate ? new[] { FormattableString.Invariant($"the sample rate, {rate} Hz") } : [],
            .. model.PrewarmSteps > 0 ? new[] { $"the {Display.Count(model.PrewarmSteps)} steps of zeros before the first step" } : [],
        ];
        if (!model.TellsNonlinearity && model.Spec.Layers[0].Cell == CellKind.Elman)
        {
            terminal.Output.WriteLine(
                $"the activation is {model.Spec.Layers[0].Activation.Kind}: the file does not name it, --nonlinearity does.");
        }

        if (lost.Length > 0)
        {
            terminal.Output.WriteLine(Display.Printable($"not in it: {string.Join("; ", lost)}."));
        }
    }

    private static byte[] Bytes(RecurrentModel model, string path, ElementType dtype, Terminal terminal)
    {
        try
        {
            if (Path.GetExtension(path) == ".onnx")
            {
                return OnnxWriter.ToBytes(model.Spec, ModelParameters.Read<float>(model, terminal).Span);
            }

            // In double, because reading in float would round the numbers of a model in double twice.
            return PyTorchWriter.ToBytes<double>(model.Spec, ModelParameters.Read<double>(model, terminal).Span, dtype);
        }
        catch (ArgumentException e)
        {
            // The format cannot express the network; the sentence says why.
            throw new ModelFormatException(model.Name, $"cannot be written as '{path}': {Display.Sentence(e)}");
        }
    }
}
