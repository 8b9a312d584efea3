using System.CommandLine.Parsing;
using System.CommandLine;
using SpanRnn.Cells;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Core;
using SpanRnn.Formats;

namespace SpanRnn.Cli.Models;

/// <summary>What the commands that read a model have in common.</summary>
internal static class ModelOptions
{
    public static Argument<string> Model()
    {
        var model = new Argument<string>("MODEL")
        {
            Description =
                "A recurrent network: safetensors with PyTorch's or Keras' names, .onnx, .json of RTNeural or AIDA-X, .nam of NAM.",
        };
        model.Validators.Add(result => ExpectName(result, "MODEL"));
        return model;
    }

    /// <summary>Refuses an empty name of a file.</summary>
    public static void ExpectName(SymbolResult result, string symbol)
    {
        if (result.Tokens.Any(token => token.Value.Length == 0))
        {
            result.AddError($"{symbol} is empty, expected the name of a file.");
        }
    }

    public static Option<NamedFiles> Input() => NamedFiles.Option(
        "--input",
        "x, the input [T, B, I], or symbols [T, B]; also h0=FILE and c0=FILE, initial states [layers × directions, B, size], and "
            + "lengths=FILE, integers [B]. Where a model has names of its own, as those of ONNX have, it is those; inspect shows them.");

    public static Option<bool> BatchFirst() => new("--batch-first")
    {
        Description = "x, y and the gradient of y are [B, T, ...] instead of [T, B, ...]; states stay as they are, as in PyTorch.",
    };

    public static Option<Activation?> Nonlinearity() => ChoiceOption.Create<Activation?>(
        "--nonlinearity",
        "The activation of an RNN whose file does not tell; tanh is the default.",
        ("tanh", Activation.Tanh),
        ("relu", Activation.Relu));

    /// <summary>What the weights are packed in.</summary>
    public static Option<WeightPrecision> Precision() => ChoiceOption.Create(
        "--precision",
        "What the weights are packed in; fp32 is the default.",
        [.. Enum.GetValues<WeightPrecision>().Select(precision => (Word(precision), precision))]);

    /// <summary>A precision as the command line calls it.</summary>
    public static string Word(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Bf16 => "bf16",
        WeightPrecision.Int8 => "int8",
        _ => "fp32",
    };

    /// <summary>
    /// Refuses a place that cannot be written to before the work that it is for: a temporary file is made there and taken away.
    /// </summary>
    public static void ExpectWritable(string path)
    {
        using var files = new AtomicFiles();
        files.Add(path, []);
    }

    /// <summary>Refuses to write over what is read.</summary>
    public static void ExpectSeparate(IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        HashSet<string> read = [.. inputs.Select(AtomicFiles.Destination)];
        foreach (string output in outputs)
        {
            if (read.Contains(AtomicFiles.Destination(output)))
            {
                throw new IOException($"'{output}' is read and would be written over, expected another name for the output.");
            }
        }
    }
}
