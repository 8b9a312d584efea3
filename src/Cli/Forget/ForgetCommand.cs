using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Reports;
using SpanRnn.Cli.Sequences;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Forget;

/// <summary>Command forget: how far back each kind of cell learns from, before and after training.</summary>
internal static class ForgetCommand
{
    private const int UsualLength = 200;
    private const int UsualHidden = 32;
    private const int UsualEpochs = 5;

    // Sequences of the made problem, and those whose gradients are looked at.
    private const int Made = 400;
    private const int Looked = 32;

    public static Command Create(Terminal terminal)
    {
        Argument<string> data = FileOption.CreateArgument(
            "DATA", "Sequences with a label or a number, or any for their last symbol; by default the adding problem.");
        data.Arity = ArgumentArity.ZeroOrOne;
        Option<long> length = NumberOption.Whole(
            "--length", $"Steps of the adding problem; {UsualLength} is the default.", 2, 100_000);
        Option<long> hidden = NumberOption.Whole("--hidden", $"Units of each network; {UsualHidden} is the default.", 1, 4096);
        Option<long> epochs = NumberOption.Whole(
            "--epochs", $"Passes through the sequences between before and after; {UsualEpochs} is the default.", 1, 100_000);
        Option<long> remember = NumberOption.Whole(
            "--remember", "Steps that gates start to remember in two more networks; the longest sequence is the default.", 2, int.MaxValue);
        Option<ulong> seed = NumberOption.Seed();
        Option<bool> json = new("--json") { Description = "Writes one object of JSON with all curves." };
        Option<string?> report = ReportFiles.CreateReport();
        Option<string?> plot = ReportFiles.CreatePlot("the gradient over time");
        var command = new CommandWithExample(
            "forget",
            "Shows the gradient of the loss at the end of a sequence by the distance of each input, for each kind of cell.",
            "forget --length 200 --plot gradient.svg")
        {
            data, length, hidden, epochs, remember, seed, json, report, plot,
        };
        command.SetAction(result =>
        {
            string? path = result.GetValue(data);
            if (path is not null && result.GetResult(length) is not null)
            {
                throw new WrongCommandLineException("--length is given with DATA, expected it only for the adding problem.");
            }

            var files = new ReportFiles(result.GetValue(report), result.GetValue(plot), [path], terminal);
            int steps = Or(result.GetResult(length) is null ? 0 : result.GetValue(length), UsualLength);
            SequenceFile file = path is null ? SequenceFile.Made(MadeSequences.AddingProblem(Made, steps, 1)) : SequenceFile.Load(path);
            var task = SequenceTask.Of(file);
            if (task.Kind is TaskKind.Next or TaskKind.Tag)
            {
                task = SequenceTask.Of(file, TaskKind.Last);
            }

            int longest = path is null ? steps : file.Records.Max(record => record.Sequence.Length);
            List<ForgetCurve> curves = [];
            foreach ((string name, CellKind cell, bool remembers) in new[]
            {
                ("Elman", CellKind.Elman, false), ("LSTM", CellKind.Lstm, false), ("GRU", CellKind.GruResetAfter, false),
                ("LSTM, to remember", CellKind.Lstm, true), ("GRU, to remember", CellKind.GruResetAfter, true),
            })
            {
                curves.Add(Curve(
                    name,
                    cell,
                    Or(result.GetResult(hidden) is null ? 0 : result.GetValue(hidden), UsualHidden),
                    remembers ? Or(result.GetResult(remember) is null ? 0 : result.GetValue(remember), Math.Max(2, longest)) : 0,
                    Or(result.GetResult(epochs) is null ? 0 : result.GetValue(epochs), UsualEpochs),
                    result.GetValue(seed),
                    task,
                    file));
                terminal.WriteProgress($"{name}: done");
            }

            if (result.GetValue(json))
            {
                terminal.Output.WriteLine(Json(curves));
            }
            else
            {
                Write(curves, terminal);
            }

            files.Write(
                "Gradient over time",
                $"{result.GetValue(seed)}, for networks, order and split",
                page => ForgetPage.Add(page, file, curves),
                () => ForgetPage.Picture(curves));
            return ExitCode.Success;
        });
        return command;
    }

    private static int Or(long given, int usual) => given == 0 ? usual : (int)given;

    private static ForgetCurve Curve(
        string name, CellKind cell, int hidden, int remember, int epochs, ulong seed, SequenceTask task, SequenceFile file)
    {
        using var shape = new SequenceTraining(task, file, new SequenceTrainingOptions
        {
            Cell = cell,
            HiddenSize = hidden,
            Bidirectional = false,
            Readout = new FinalStateLayer(),
            Seed = seed,
        });
        float[] parameters = new float[shape.Spec.Parameters.Length];
        shape.Spec.Initialize<float>(parameters, new RandomSource(seed), remember);
        var start = new SequenceModel(task, shape.Spec, parameters);
        SequenceFile looked = file.Part([.. Enumerable.Range(0, Math.Min(Looked, file.Records.Count))]);
        double[] before = GradientOverTime.Of(start, looked);
        using var training = new SequenceTraining(task, file, new SequenceTrainingOptions
        {
            Start = start,
            Epochs = epochs,
            Validation = 0,
            Dropout = 0,
            RecurrentDropout = 0,
            Seed = seed,
            Threads = Math.Min(2, Environment.ProcessorCount),
        });
        return new ForgetCurve(name, before, GradientOverTime.Of(training.Run(), looked));
    }

    private static void Write(List<ForgetCurve> curves, Terminal terminal)
    {
        (string[] columns, IEnumerable<string[]> rows) = ForgetTable.Of(curves);
        terminal.WriteTable(columns, rows);
        double most = Math.Log10(curves.Max(curve => Math.Max(curve.Before.Max(), curve.After.Max())));
        double least = Math.Max(
            most - 16, Math.Log10(curves.Min(curve => Math.Min(Smallest(curve.Before), Smallest(curve.After)))));
        int width = curves.Max(curve => curve.Name.Length) + 9;
        terminal.Output.WriteLine(
            $"Now to {curves[0].Before.Length - 1} steps back, {ForgetTable.Norm(Math.Pow(10, most))} to "
                + $"{ForgetTable.Norm(Math.Pow(10, least))}:");
        foreach (ForgetCurve curve in curves)
        {
            terminal.Output.WriteLine($"{curve.Name.PadRight(width)} {Chart(curve.Before)}");
            terminal.Output.WriteLine($"{$"{curve.Name}, trained".PadRight(width)} {Chart(curve.After)}");
        }

        foreach (ForgetCurve curve in curves)
        {
            terminal.Output.WriteLine(ForgetTable.Sentence(curve));
        }

        string Chart(double[] norms) => TextCharts.Line(
            [.. norms.Select(norm => Math.Log10(Math.Max(norm, double.Epsilon)))], least, most, terminal.ChartWidth - width - 1);
    }

    private static double Smallest(double[] norms) => norms.Where(norm => norm > 0).DefaultIfEmpty(double.Epsilon).Min();

    private static string Json(List<ForgetCurve> curves) => JsonLine.Of(json =>
    {
        json.WriteStartArray("networks");
        foreach (ForgetCurve curve in curves)
        {
            json.WriteStartObject();
            json.WriteString("network", curve.Name);
            foreach ((string name, double[] norms) in new[] { ("before", curve.Before), ("after", curve.After) })
            {
                json.WriteStartArray(name);
                foreach (double norm in norms)
                {
                    json.WriteNumberValue(norm);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
