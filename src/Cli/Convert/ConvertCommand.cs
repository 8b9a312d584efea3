using System.CommandLine;
using SpanRnn.Cells;
using SpanRnn.Cli.Arrays;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli.Convert;

/// <summary>convert: a model in another format.</summary>
internal static class ConvertCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        var output = new Argument<string>("OUT")
        {
            Description = "The file to write: .safetensors, which load_state_dict takes, or .onnx, which ONNX Runtime takes.",
        };
        output.Validators.Add(result => ModelOptions.ExpectName(result, "OUT"));
        Option<ElementType?> dtype = ChoiceOption.Create<ElementType?>(
            "--dtype",
            "What numbers are stored as in a .safetensors, rounded to the nearest; f64 of a model in double and else f32 is the default.",
            ("f32", ElementType.Single),
            ("f64", ElementType.Double),
            ("f16", ElementType.Half),
            ("bf16", ElementType.BFloat16));
        Option<Activation?> nonlinearity = ModelOptions.Nonlinearity();
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
                throw new WrongCommandLineException("--dtype is given, expected it with .safetensors: ONNX models are written in f32.");
            }

            string from = result.GetRequiredValue(model);
            ModelOptions.ExpectSeparate([from], [to]);
            RecurrentModel read = ModelReader.Read(from, result.GetValue(nonlinearity));
            ElementType usual = read.Dtype == "F64" && !isOnnx ? ElementType.Double : ElementType.Single;
            Convert(read, to, result.GetValue(dtype) ?? usual, terminal);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Convert(RecurrentModel model, string path, ElementType dtype, Terminal terminal)
    {
        using var files = new AtomicFiles();
        files.Add(path, Bytes(model, path, dtype, terminal));
        files.Commit();
        string word = dtype switch
        {
            ElementType.Double => "F64",
            ElementType.Single => "F32",
            ElementType.Half => "F16",
            _ => "BF16",
        };
        string count = Display.Count(model.Spec.Parameters.Count);
        terminal.Output.WriteLine($"{path}: {count} parameters in {word}, from {Display.Printable(model.Format)} in {model.Dtype}.");

        // What the reader of the new file cannot know any more.
        string[] metadata = [.. model.Metadata.Keys.Where(key => key is not ("format" or "spanrnn"))];
        string[] lost =
        [
            .. model.Unused,
            .. metadata.Length > 0 ? new[] { $"metadata {string.Join(", ", metadata)}" } : [],
            .. model.Outputs.Any(port => port.Kind == PortKind.Values)
                ? []
                : new[] { $"that {Ports.Principal(model.Outputs).Name} is a final state: there y is every step and hn that" },
            .. path.EndsWith(".onnx", StringComparison.Ordinal) && model.Spec.StateSize > 0
                ? new[] { "initial states and lengths of sequences as inputs" }
                : [],
            .. model.FixedLengths is null ? [] : new[] { "the lengths of the sequences" },
            .. model.SampleRate is { } rate ? new[] { FormattableString.Invariant($"the sample rate, {rate} Hz") } : [],
            .. model.PrewarmSteps > 0 ? new[] { $"the {Display.Count(model.PrewarmSteps)} steps of zeros to begin with" } : [],
        ];
        if (!model.TellsNonlinearity && model.Spec.Layers[0].Cell == CellKind.Elman)
        {
            terminal.Output.WriteLine(
                $"the activation is {model.Spec.Layers[0].Activation.Kind}: the file does not tell it, --nonlinearity does.");
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
                return OnnxWriter.ToBytes(model.Spec, ModelParameters.ReadParameters<float>(model, terminal).Span);
            }

            // From double, or a number that a double holds would be rounded twice.
            return PyTorchWriter.ToBytes<double>(model.Spec, ModelParameters.ReadParameters<double>(model, terminal).Span, dtype);
        }
        catch (ArgumentException e)
        {
            // The network has what the format has not: the sentence says what.
            throw new ModelFormatException(model.Name, $"cannot be written as '{path}': {Display.Sentence(e)}");
        }
    }
}
