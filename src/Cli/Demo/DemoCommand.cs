using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Demo;

/// <summary>Command demo: three networks learn a task and are compared; one is written, read and streamed.</summary>
internal static class DemoCommand
{
    private const string DefaultSequence = "ACGTTGCAGTCA";

    public static Command Create(Terminal terminal)
    {
        Option<string> sequence = new("--sequence")
        {
            Description = "The string of A, C, G and T that the best network reads at the end.",
            HelpName = "ACGT...",
            DefaultValueFactory = _ => DefaultSequence,
        };
        sequence.Validators.Add(result =>
        {
            string text = result.GetValueOrDefault<string>();
            int other = DnaStrings.IndexOfOther(text);
            if (text.Length == 0)
            {
                result.AddError("--sequence is empty, expected one or more of A, C, G and T.");
            }
            else if (other >= 0)
            {
                result.AddError($"--sequence has '{text[other]}' as its character {other + 1}, expected A, C, G or T.");
            }
        });
        Option<string?> save = ModelNames.CreateOption(
            "--save", "The file for the best network, .safetensors or .onnx; none is written without it.");
        var command = new CommandWithExample(
            "demo",
            "Trains three networks to find three G in DNA strings, compares them, and streams a string.",
            "demo --sequence ACGGTG")
        {
            sequence,
            save,
        };
        command.SetAction(result => DemoRun.Run(
            new DemoSettings(), result.GetRequiredValue(sequence), result.GetValue(save), terminal));
        return command;
    }
}
