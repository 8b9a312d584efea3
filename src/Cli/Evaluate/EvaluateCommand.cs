using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Reports;
using SpanRnn.Cli.Sequences;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Evaluate;

/// <summary>Command evaluate: figures of a model on a file of sequences, beside those of baselines.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> model = FileOption.CreateArgument("MODEL", "A model that train DATA made.");
        Argument<string> data = FileOption.CreateArgument(
            "DATA", "Sequences that it was not trained with, of the same kind: a table, FASTA or text.");
        Option<string?> sequence = ColumnOption.Create("--sequence", "The column of the sequences, as in train.");
        Option<string?> label = ColumnOption.Create("--label", "The column of the labels, as in train.");
        Option<string?> training = FileOption.Create(
            "--training",
            "Sequences that baselines learn from, such as those of the training; "
                + "by default each tenth of DATA is predicted from the rest.");
        Option<string?> answer = new("--answer-after")
        {
            Description = "For a model of the next symbol: the text behind which each sequence has an answer, such as '='.",
            HelpName = "TEXT",
        };
        Option<ulong> seed = NumberOption.Seed("The seed of the intervals; 0 is the default.");
        Option<bool> json = new("--json") { Description = "Writes one object of JSON with all figures." };
        Option<string?> report = ReportFiles.CreateReport();
        Option<string?> plot = ReportFiles.CreatePlot("the confusion matrix, or of the figure beside those of baselines");
        var command = new CommandWithExample(
            "evaluate",
            "Computes figures of a model on sequences, with 95 % intervals and beside baselines.",
            "evaluate dna.safetensors new.csv --training dna.csv --report dna.html")
        {
            model, data, sequence, label, training, answer, seed, json, report, plot,
        };
        command.SetAction(result =>
        {
            string?[] read = [result.GetValue(model), result.GetValue(data), result.GetValue(training)];
            var files = new ReportFiles(result.GetValue(report), result.GetValue(plot), read, terminal);
            var trained = SequenceModel.Load(result.GetValue(model)!);
            var columns = new SequenceFileOptions { SequenceColumn = result.GetValue(sequence), LabelColumn = result.GetValue(label) };
            SequenceFile file = trained.Task.Load(result.GetValue(data)!, columns);
            string? mark = result.GetValue(answer);
            if (mark is not null && trained.Task.Kind != TaskKind.Next)
            {
                throw new ModelFormatException(
                    result.GetValue(model)!, $"the model was trained to {Words(trained.Task.Kind)}, expected one of the next symbol.");
            }

            if (mark is { Length: 0 })
            {
                throw new WrongCommandLineException("--answer-after is empty, expected a text that is in every sequence.");
            }

            var evaluation = SequenceEvaluation.Of(trained, file, new SequenceEvaluationOptions
            {
                Training = result.GetValue(training) is { } path ? trained.Task.Load(path, columns) : null,
                AnswerAfter = mark,
                Seed = result.GetValue(seed),
            });
            terminal.WriteProgress(file.Description);
            if (result.GetValue(json))
            {
                terminal.Output.WriteLine(JsonLine.Of(writer => EvaluationJson.Write(writer, trained.Task, evaluation)));
            }
            else
            {
                Figures.WriteMain([evaluation], terminal);
                EvaluationPage.WriteBars([evaluation], terminal);
                EvaluationTables.Write(trained.Task, evaluation, terminal);
            }

            files.Write(
                $"Evaluation of {Path.GetFileName(result.GetValue(model))}",
                $"{result.GetValue(seed)}, for the intervals",
                page =>
                {
                    page.Paragraph(file.Description);
                    EvaluationPage.Add(page, trained.Task, evaluation);
                },
                () => EvaluationPage.MainPicture(trained.Task, evaluation));
            return ExitCode.Success;
        });
        return command;
    }

    private static string Words(TaskKind kind) => kind switch
    {
        TaskKind.Classify => "classify",
        TaskKind.Last => "predict the last symbol",
        TaskKind.Tag => "label symbols",
        _ => "predict a number",
    };
}
