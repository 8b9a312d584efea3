using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using SpanRnn.Cli.Bench;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Compare;
using SpanRnn.Cli.Convert;
using SpanRnn.Cli.Data;
using SpanRnn.Cli.Demo;
using SpanRnn.Cli.Encode;
using SpanRnn.Cli.Evaluate;
using SpanRnn.Cli.Forget;
using SpanRnn.Cli.Generate;
using SpanRnn.Cli.GradCheck;
using SpanRnn.Cli.Inspect;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Predict;
using SpanRnn.Cli.Run;
using SpanRnn.Cli.Train;

namespace SpanRnn.Cli;

/// <summary>The program: its commands, and the exit codes and messages of errors.</summary>
internal static class Application
{
    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments, TextWriter output, TextWriter error, Func<Stream>? input = null)
    {
        try
        {
            var terminal = new Terminal(output, error, input) { Arguments = arguments };
            RootCommand root = CreateRoot(terminal);

            // "@name" is the name of a file like any other, not a file of arguments.
            var parser = new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
            ParseResult result = root.Parse(arguments, parser);
            string command = Name(result.CommandResult);
            try
            {
                if (result.Action is ParseErrorAction)
                {
                    // Of an unknown command the first error says that a command is missing, and the second one names the word.
                    bool hasCommands = result.CommandResult.Command.Subcommands.Count > 0 && result.Errors.Count > 1;
                    throw new WrongCommandLineException(
                        OneLine(result.Errors[hasCommands ? 1 : 0].Message) + Meant(result.UnmatchedTokens, result.CommandResult.Command));
                }

                int code = result.Invoke(new InvocationConfiguration
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                });
                terminal.WriteNotices();
                return code;
            }
            catch (WrongCommandLineException e)
            {
                terminal.WriteError($"{e.Message} See '{command} --help'.");
                return ExitCode.WrongCommandLine;
            }
        }
        catch (Exception e)
        {
            try
            {
                error.WriteLine($"spanrnn: {OneLine(Sentence(e))}");
            }
            catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
            {
                // The error stream is closed; the exit code is left.
            }

            return ExitCode.Failure;
        }
    }

    /// <summary>Makes the commands.</summary>
    public static RootCommand CreateRoot(Terminal terminal)
    {
        var root = new RootCommand("Runs, checks and trains recurrent networks: Elman RNN, LSTM and GRU.")
        {
            DemoCommand.Create(terminal),
            RunCommand.Create(terminal),
            TrainCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            PredictCommand.Create(terminal),
            GenerateCommand.Create(terminal),
            EncodeCommand.Create(terminal),
            CompareCommand.Create(terminal),
            ForgetCommand.Create(terminal),
            BenchCommand.Create(terminal),
            GradCheckCommand.Create(terminal),
            InspectCommand.Create(terminal),
            ConvertCommand.Create(terminal),
            DataCommand.Create(terminal),
        };

        // No directives: the help does not list them.
        root.Directives.Clear();
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExample((HelpAction)help.Action!);
        return root;
    }

    // A question about a mistyped option or command, or nothing.
    private static string Meant(IReadOnlyList<string> unknown, Command command)
    {
        string? meant = unknown.Select(word => NearestName.Of(word, word.StartsWith('-')
            ? command.Options.Select(option => option.Name)
            : command.Subcommands.Select(own => own.Name))).FirstOrDefault(name => name is not null);
        return meant is null ? string.Empty : $" Did you mean {meant}?";
    }

    // The words of a command: "spanrnn", "spanrnn data addition".
    private static string Name(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{Name(parent)} {result.Command.Name}" : "spanrnn";

    private static string Sentence(Exception e) => e switch
    {
        AggregateException { InnerException: { } inner } => Sentence(inner),
        ModelFormatException or TrainingException or TimeoutException or IOException or UnauthorizedAccessException => e.Message,
        OverflowException or OutOfMemoryException =>
            "the buffers for this model and this input do not fit in memory, expected a smaller model or fewer steps at a time.",
        _ => $"unexpected {e.GetType().Name}: {e.Message}",
    };

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
