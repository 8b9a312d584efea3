using System.CommandLine;

namespace SpanRnn.Cli;

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
                terminal.WriteError($"{problem}. See 'spanrnn train --help'.");
                return Application.WrongCommandLine;
            }

            TrainSettings settings = options.Settings(result);
            return options.IsDouble(result) ? Train.Run<double>(settings, terminal) : Train.Run<float>(settings, terminal);
        });
        return command;
    }
}
