using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Predict;

/// <summary>Command predict: one line in, one line out, at once.</summary>
internal static class PredictCommand
{
    // What follows a line is one of many; a class is the class.
    private const int UsualTopOfNext = 5;

    public static Command Create(Terminal terminal)
    {
        Argument<string> model = FileOption.CreateArgument("MODEL", "A model that train DATA made.");
        Argument<string> file = FileOption.CreateArgument(
            "FILE", "Sequences: lines of text, a table or FASTA; by default the lines of the standard input.");
        file.Arity = ArgumentArity.ZeroOrOne;
        Option<long> top = NumberOption.Whole(
            "--top",
            $"How many of the likeliest labels to write; 1 is the default, {UsualTopOfNext} for a model of the next symbol.",
            1,
            int.MaxValue);
        Option<bool> json = new("--json") { Description = "Writes an object of JSON for each line." };
        Option<string?> sequence = new("--sequence") { Description = "The column of the sequences of a table.", HelpName = "COLUMN" };
        var command = new Command(
            "predict", "Predicts for each line: the label with its probability, the last symbol, what comes next, or a number.")
        {
            model, file, top, json, sequence,
        };
        command.SetAction(result =>
        {
            var trained = SequenceModel.Load(result.GetValue(model)!);
            int count = result.GetResult(top) is not null ? (int)result.GetValue(top)
                : trained.Task.Kind == TaskKind.Next ? UsualTopOfNext
                : 1;
            var lines = new PredictionLines(trained, count, result.GetValue(json), terminal);
            string? path = result.GetValue(file);
            if (path is not null && PredictionLines.IsTable(path))
            {
                var options = new SequenceFileOptions { SequenceColumn = result.GetValue(sequence) };
                return lines.Write(
                    path, trained.Task.Load(path, options).Records.Select(record => (record.Line, record.Identifier, record.Sequence)));
            }

            if (result.GetValue(sequence) is not null)
            {
                throw new WrongCommandLineException("--sequence is given, expected it only with a table.");
            }

            using Stream input = path is null ? terminal.OpenInput() : PredictionLines.Open(path);
            string name = path ?? "the standard input";
            return lines.Write(name, PredictionLines.Records(new InputLines(input, name).Read()));
        });
        return command;
    }
}
