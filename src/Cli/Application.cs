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
                    throw new WrongCommandLineException(Problem(result, OneLine(result.Errors[hasCommands ? 1 : 0].Message)));
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
                // Whoever has read enough needs no sentence.
                if (!StandardStream.IsLeft(e))
                {
                    error.WriteLine($"spanrnn: {OneLine(Sentence(e))}");
                }
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

    // The sentence about a wrong line, with the name that was meant by a mistyped option or command.
    private static string Problem(ParseResult result, string sentence)
    {
        // An option that is not known may have taken the place of a file.
        Command command = result.CommandResult.Command;
        string? option = command.Subcommands.Count > 0 ? null : result.Tokens.FirstOrDefault(
            token => token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal))?.Value;
        string? word = option ?? (result.UnmatchedTokens is [string first, ..] ? first : null);
        string? meant = word is null ? null
            : NearestName.Of(word, option is null ? command.Subcommands.Select(own => own.Name) : command.Options.Select(own => own.Name));
        string said = option is null ? sentence : $"Unrecognized command or argument '{option}'.";
        return meant is null ? said : $"{said} Did you mean {meant}?";
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
