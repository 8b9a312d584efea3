using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Train;

/// <summary>Command train: learns from arrays, with checkpoints to resume from.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new CommandWithExample(
            "train",
            "Trains a network on a file of sequences, or on arrays, by backpropagation through time. With DATA alone it chooses the rest "
                + "and says so: defaults depend on the task then, and those below are for arrays.",
            "train peptides.csv --task last --report peptides.html");
        var options = new TrainOptions(command);
        command.SetAction(result =>
        {
            TrainSettings settings = options.Read(result);
            return settings.Data is not null ? SequenceRun.Run(settings, terminal)
                : settings.Precision == Precision.Double
                ? TrainRun.Run<double>(settings, terminal)
                : TrainRun.Run<float>(settings, terminal);
        });
        return command;
    }
}
