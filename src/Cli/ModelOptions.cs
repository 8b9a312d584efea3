using System.CommandLine;
using SpanRnn.Core;

namespace SpanRnn.Cli;

/// <summary>What the commands that read a model have in common.</summary>
internal static class ModelOptions
{
    public static Argument<string> Model() => new("MODEL")
    {
        Description = "A safetensors file with PyTorch's names: the state_dict of an RNN, LSTM or GRU, with or without a dense head.",
    };

    public static Option<NamedFiles> Input() => NamedFiles.Option(
        "--input",
        "x, the input [T, B, I]; also h0=FILE and c0=FILE, initial states [layers × directions, B, size], and lengths=FILE, integers [B].",
        "x",
        "x",
        "h0",
        "c0",
        "lengths");

    public static Option<bool> BatchFirst() => new("--batch-first")
    {
        Description = "x, y and the gradient of y are [B, T, ...] instead of [T, B, ...]; states stay as they are, as in PyTorch.",
    };

    public static Option<Activation?> Nonlinearity() => Choice.Option<Activation?>(
        "--nonlinearity",
        "The activation of an RNN whose file does not tell; tanh is the default.",
        ("tanh", Activation.Tanh),
        ("relu", Activation.Relu));

    /// <summary>Refuses to write over what is read.</summary>
    public static void ExpectSeparate(IEnumerable<string> inputs, IEnumerable<string> outputs)
    {
        HashSet<string> read = [.. inputs.Select(Path.GetFullPath)];
        foreach (string output in outputs)
        {
            if (read.Contains(Path.GetFullPath(output)))
            {
                throw new IOException($"'{output}' is read and would be written over, expected another name for the output.");
            }
        }
    }
}
