using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Models;

/// <summary>Options of the commands that read a model.</summary>
internal static class ModelOptions
{
    /// <summary>Makes the argument MODEL.</summary>
    public static Argument<string> Model() => FileOption.CreateArgument(
        "MODEL",
        "A recurrent network: safetensors with the names of PyTorch or Keras, ONNX, JSON of RTNeural or AIDA-X, NAM, or a checkpoint of "
            + "train. The content of the file tells which.");

    /// <summary>Makes the option for the activation of an RNN whose file does not name it.</summary>
    public static Option<ActivationKind?> Nonlinearity() => ChoiceOption.Create<ActivationKind?>(
        "--nonlinearity",
        "The activation of an RNN whose file does not name it; tanh is the default.",
        ("tanh", ActivationKind.Tanh),
        ("relu", ActivationKind.Relu));

    /// <summary>Makes the option for the position of a head whose file does not say it.</summary>
    public static Option<HeadPosition?> Head() => ChoiceOption.Create<HeadPosition?>(
        "--head",
        "The steps that a head reads whose file does not say it; every_step is the default, last_step the last valid one alone.",
        ("every_step", HeadPosition.EveryStep),
        ("last_step", HeadPosition.LastStep));

    /// <summary>Puts the head where the option says, and keeps a notice of all that is still assumed.</summary>
    public static RecurrentModel Placed(RecurrentModel model, HeadPosition? head, Terminal terminal)
    {
        model = head is { } position ? model.WithHead(position) : model;
        if (model.Assumptions.Count > 0)
        {
            terminal.Notice($"assumed: {model.Name}", $": {Display.Printable(string.Join(' ', model.Assumptions))}");
        }

        return model;
    }

    /// <summary>Makes the option for the precision of packed weights.</summary>
    public static Option<WeightPrecision> Precision(
        string name = "--precision", string description = "The precision of the packed weights; fp32 is the default.") =>
        ChoiceOption.Create(
            name, description, [.. Enum.GetValues<WeightPrecision>().Select(precision => (Name(precision), precision))]);

    /// <summary>Names a precision as the command line does.</summary>
    public static string Name(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Bf16 => "bf16",
        WeightPrecision.Int8 => "int8",
        _ => "fp32",
    };
}
