using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Sequences;
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
        Argument<string> file = SequenceSource.CreateFile("FILE");
        Option<long> top = NumberOption.Whole(
            "--top",
            $"How many of the likeliest labels to write; 1 is the default, {UsualTopOfNext} for a model of the next symbol.",
            1,
            int.MaxValue);
        Option<bool> json = new("--json") { Description = "Writes an object of JSON for each line." };
        Option<string?> sequence = SequenceSource.CreateColumn();
        var command = new CommandWithExample(
            "predict",
            "Predicts for each line: the label with its probability, the last symbol, what comes next, or a number.",
            "predict dna.safetensors new.csv --top 2")
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
            (string name, IEnumerable<SequenceRecord> records) =
                SequenceSource.Read(trained.Task, result.GetValue(file), result.GetValue(sequence), keepsEmpty: true, terminal);
            return lines.Write(name, records);
        });
        return command;
    }
}
