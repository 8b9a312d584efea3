using System.CommandLine;
using SpanRnn.Cli.CommandLine;

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
