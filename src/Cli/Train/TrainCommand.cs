using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Train;

/// <summary>train: learns from arrays, with checkpoints to go on from.</summary>
internal static class TrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("train", "Trains a network on sequences from .npy files by backpropagation through time.");
        var options = new TrainOptions(command);
        command.SetAction(result =>
        {
            if (options.Problem(result) is { } problem)
            {
                throw new WrongCommandLineException($"{problem}.");
            }

            TrainSettings settings = options.Settings(result);
            return options.IsDouble(result) ? TrainRun.Run<double>(settings, terminal) : TrainRun.Run<float>(settings, terminal);
        });
        return command;
    }
}
