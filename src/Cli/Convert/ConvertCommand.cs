using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Convert;

/// <summary>Command convert: a model in another format.</summary>
internal static class ConvertCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = ModelOptions.Model();
        Argument<string> output = ModelNames.CreateArgument(
            "OUT", "The file to write: .safetensors, which load_state_dict takes, or .onnx, which ONNX Runtime takes.");
        Option<ElementType?> dtype = ChoiceOption.Create<ElementType?>(
            "--dtype",
            "The type of the numbers in a .safetensors, rounded to the nearest; f32 is the default, f64 for a model in double.",
            ("f32", ElementType.Single),
            ("f64", ElementType.Double),
            ("f16", ElementType.Half),
            ("bf16", ElementType.BFloat16));
        Option<ActivationKind?> nonlinearity = ModelOptions.Nonlinearity();
        Option<HeadChoice?> head = ModelOptions.Head();
        var command = new CommandWithExample(
            "convert",
            "Writes a model of any format as .safetensors or .onnx.",
            "convert model.onnx model.safetensors")
        {
            model,
            output,
            dtype,
            nonlinearity,
            head,
        };
        command.SetAction(result =>
        {
            string to = result.GetRequiredValue(output);
            bool isOnnx = ModelNames.IsOnnx(to);
            if (isOnnx && result.GetValue(dtype) is not (null or ElementType.Single))
            {
                throw new WrongCommandLineException("--dtype is given, expected it only with .safetensors: ONNX models are in f32.");
            }

            string from = result.GetRequiredValue(model);
            OutputFiles.ExpectSeparate([from], [to]);
            RecurrentModel read = ModelOptions.Placed(
                ModelFile.Load(from, result.GetValue(nonlinearity)), result.GetValue(head), terminal);
            ElementType usual = read.Dtype == "F64" && !isOnnx ? ElementType.Double : ElementType.Single;
            Convert(read, to, result.GetValue(dtype) ?? usual, terminal);
            return ExitCode.Success;
        });
        return command;
    }

    private static void Convert(RecurrentModel model, string path, ElementType dtype, Terminal terminal)
    {
        // In double, because reading in float would round the numbers of a model in double twice.
        AlignedBuffer<double> parameters = ModelParameters.Read<double>(model, terminal);

        // The task of a model that was trained on sequences goes along where there is a place for it.
        Dictionary<string, string>? task = ModelNames.IsOnnx(path)
            ? null
            : model.Metadata.Where(entry => SequenceModel.MetadataNames.Contains(entry.Key)).ToDictionary();
        byte[] bytes = ModelNames.ToBytes<double>(
            model.Name, model.Spec, parameters.Span, path, dtype, ModelNames.IsBatchFirst(model), task);
        string[] changes = [.. ModelChanges.Sentences(model, bytes, path)];
        AtomicFiles.Write(path, bytes);
        string word = dtype switch
        {
            ElementType.Double => "F64",
            ElementType.Single => "F32",
            ElementType.Half => "F16",
            _ => "BF16",
        };
        string count = Amount.Of(model.Spec.Parameters.Count, "parameter");
        terminal.Output.WriteLine($"{path}: {count} in {word}, from {Display.Printable(model.Format)} in {model.Dtype}.");
        foreach (string sentence in changes)
        {
            terminal.Output.WriteLine(sentence);
        }
    }
}
