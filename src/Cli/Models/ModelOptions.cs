using System.CommandLine;
using SpanRnn.Cells;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Core;

namespace SpanRnn.Cli.Models;

/// <summary>Options of the commands that read a model.</summary>
internal static class ModelOptions
{
    /// <summary>Makes the argument MODEL.</summary>
    public static Argument<string> Model() => FileOption.CreateArgument(
        "MODEL", "A recurrent network: .safetensors with the names of PyTorch or Keras, .onnx, .json of RTNeural or AIDA-X, or .nam.");

    /// <summary>Makes the option for the arrays that a model takes.</summary>
    public static Option<NamedFiles> Input() => NamedFiles.CreateOption(
        "--input",
        "x, the input [T, B, I], or symbols [T, B]; also h0=FILE and c0=FILE, the initial states [layers × directions, B, size], and "
            + "lengths=FILE, integers [B]. A model may have names of its own, as ONNX models do; inspect shows them.");

    /// <summary>Makes the option for arrays whose batch comes first.</summary>
    public static Option<bool> BatchFirst() => new("--batch-first")
    {
        Description = "x, y and the gradient of y are [B, T, ...] instead of [T, B, ...]; states stay as they are, as in PyTorch.",
    };

    /// <summary>Makes the option for the activation of an RNN whose file does not name it.</summary>
    public static Option<Activation?> Nonlinearity() => ChoiceOption.Create<Activation?>(
        "--nonlinearity",
        "The activation of an RNN whose file does not name it; tanh is the default.",
        ("tanh", Activation.Tanh),
        ("relu", Activation.Relu));

    /// <summary>Makes the option for the precision of packed weights.</summary>
    public static Option<WeightPrecision> Precision() => ChoiceOption.Create(
        "--precision",
        "The precision of the packed weights; fp32 is the default.",
        [.. Enum.GetValues<WeightPrecision>().Select(precision => (Name(precision), precision))]);

    /// <summary>Names a precision as the command line does.</summary>
    public static string Name(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Bf16 => "bf16",
        WeightPrecision.Int8 => "int8",
        _ => "fp32",
    };
}
