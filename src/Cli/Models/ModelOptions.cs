using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Model;

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

    /// <summary>Makes the option for what a head reads whose file does not say it.</summary>
    public static Option<HeadChoice?> Head() => Head("What a head reads whose file does not say it", withAttention: false);

    /// <summary>Makes the option for what a head reads.</summary>
    /// <param name="subject">The beginning of its line in the help.</param>
    /// <param name="withAttention">True if there may be attention, which has parameters.</param>
    public static Option<HeadChoice?> Head(string subject, bool withAttention)
    {
        const string Name = "--head", Attention = "attention";
        string[] names = withAttention ? [.. Readout.Names, Attention] : [.. Readout.Names];
        return new Option<HeadChoice?>(Name)
        {
            Description = $"{subject}: every_step, the default; last_step, the final states; last_output, the output of the last valid "
                + "step; the mean, maximum or sum of all steps; first or step:N, one of them, the first is step:0"
                + $"{(withAttention ? "; or attention" : string.Empty)}.",
            HelpName = string.Join('|', names),
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                if (Readout.TryParse(given, out LayerSpec? readout))
                {
                    return new HeadChoice(readout);
                }

                if (withAttention && given == Attention)
                {
                    return new HeadChoice(new AttentionLayer());
                }

                result.AddError($"{Name} is '{given}', expected {string.Join(" or ", names)}.");
                return null;
            },
        };
    }

    /// <summary>Puts the head where the option says, and keeps a notice of all that is still assumed.</summary>
    public static RecurrentModel Placed(RecurrentModel model, HeadChoice? head, Terminal terminal)
    {
        model = head is { } choice ? model.WithReadout(choice.Readout) : model;
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
