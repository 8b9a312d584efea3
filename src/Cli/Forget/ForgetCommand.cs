using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Reports;
using SpanRnn.Cli.Sequences;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Forget;

/// <summary>Command forget: how far back each kind of cell learns from, before and after training.</summary>
internal static class ForgetCommand
{
    private const int UsualLength = 200;

    // Sequences of the made problem, and those whose gradients are looked at.
    private const int Made = 400;
    private const int Looked = 32;

    public static Command Create(Terminal terminal)
    {
        Argument<string> data = FileOption.CreateArgument(
            "DATA", "Sequences with a label or a number, or any for their last symbol; by default the adding problem.");
        data.Arity = ArgumentArity.ZeroOrOne;
        Option<string?> report = ReportFiles.CreateReport();
        Option<string?> plot = ReportFiles.CreatePlot("the gradient over time");
        var command = new CommandWithExample(
            "forget",
            "Shows the gradient of the loss at the end of a sequence by the distance of each input, for each kind of cell.",
            "forget --length 200 --plot gradient.svg")
        {
            data,
        };
        OptionTable<ForgetSettings> table = Options(command);
        command.Add(report);
        command.Add(plot);
        command.SetAction(result =>
        {
            ForgetSettings settings = table.Read(result);
            string? path = result.GetValue(data);
            if (path is not null && settings.Length is not null)
            {
                throw new WrongCommandLineException("--length is given with DATA, expected it only for the adding problem.");
            }

            var files = new ReportFiles(result.GetValue(report), result.GetValue(plot), [path], terminal);
            int steps = settings.Length ?? UsualLength;
            SequenceFile file = path is null
                ? SequenceFile.Made(MadeSequences.AddingProblem(Made, steps, 1), "the adding problem")
                : SequenceFile.Load(path, settings.Task.Columns);
            SequenceTask task = settings.Task.Of(file);
            if (settings.Task.Kind is null && task.Kind is TaskKind.Next or TaskKind.Tag)
            {
                task = (settings.Task with { Kind = TaskKind.Last }).Of(file);
            }

            if (task.Kind is TaskKind.Next or TaskKind.Tag)
            {
                throw new WrongCommandLineException("--task is next or tag, expected one with one answer for each sequence.");
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
                    remembers ? settings.Remember ?? Math.Max(2, longest) : 0,
                    settings,
                    task,
                    file,
                    terminal,
                    isFirst: curves.Count == 0));
                terminal.WriteProgress($"{name}: done");
            }

            if (settings.Json)
            {
                terminal.Output.WriteLine(Json(curves));
            }
            else
            {
                Write(curves, terminal);
            }

            files.Write(
                "Gradient over time",
                $"{settings.Seed}, for networks, order and split",
                page => ForgetPage.Add(page, file, curves),
                () => ForgetPage.Picture(curves));
            return ExitCode.Success;
        });
        return command;
    }

    private static OptionTable<ForgetSettings> Options(Command command)
    {
        var usual = new ForgetSettings();
        var table = new OptionTable<ForgetSettings>(command);
        TaskSettings.AddTo(table, (s, change) => s with { Task = change(s.Task) });
        table.Add(
            NumberOption.Whole("--length", $"Steps of the adding problem; {UsualLength} is the default.", 2, 100_000),
            (s, value) => s with { Length = (int)value });
        table.Add(
            NumberOption.Whole("--hidden", $"Units of each network; {usual.Hidden} is the default.", 1, 4096),
            (s, value) => s with { Hidden = (int)value });
        table.Add(
            NumberOption.Whole(
                "--epochs", $"Passes through the sequences between before and after; {usual.Epochs} is the default.", 1, 100_000),
            (s, value) => s with { Epochs = (int)value });
        table.Add(
            NumberOption.Whole(
                "--remember",
                "Steps that gates start to remember in two more networks; the longest sequence is the default.",
                2,
                int.MaxValue),
            (s, value) => s with { Remember = (int)value });
        table.Add(NumberOption.Seed(), (s, value) => s with { Seed = value });
        table.Add(
            new Option<bool>("--json") { Description = "Writes one object of JSON with all curves." },
            (s, value) => s with { Json = value });
        return table;
    }

    private static ForgetCurve Curve(
        string name,
        CellKind cell,
        int remember,
        ForgetSettings settings,
        SequenceTask task,
        SequenceFile file,
        Terminal terminal,
        bool isFirst)
    {
        using var shape = new SequenceTraining(task, file, new SequenceTrainingOptions
        {
            Cell = cell,
            HiddenSize = settings.Hidden,
            Bidirectional = false,
            Readout = new FinalStateLayer(),
            Seed = settings.Seed,
        });
        if (isFirst)
        {
            terminal.WriteProgress(
                $"{file.Description}\n{ChoicesText.TaskAndNetwork(shape)}; and with the other cells, before and after "
                + Amount.Of(settings.Epochs, "epoch"));
        }

        float[] parameters = new float[shape.Spec.Parameters.Length];
        shape.Spec.Initialize<float>(parameters, new RandomSource(settings.Seed), remember);
        var start = new SequenceModel(task, shape.Spec, parameters);
        SequenceFile looked = file.Part([.. Enumerable.Range(0, Math.Min(Looked, file.Records.Count))]);
        double[] before = GradientOverTime.Of(start, looked);
        using var training = new SequenceTraining(task, file, new SequenceTrainingOptions
        {
            Start = start,
            Epochs = settings.Epochs,
            Validation = 0,
            Dropout = 0,
            RecurrentDropout = 0,
            Seed = settings.Seed,
            Threads = Math.Min(2, Environment.ProcessorCount),
        });
        return new ForgetCurve(name, before, GradientOverTime.Of(training.Run(), looked));
    }

    private static void Write(List<ForgetCurve> curves, Terminal terminal)
    {
        foreach ((string title, Func<ForgetCurve, double[]> norms) in ForgetTable.Both)
        {
            (string[] columns, IEnumerable<string[]> rows) = ForgetTable.Of(curves, title, norms);
            terminal.WriteTable(columns, rows);
        }

        double most = Math.Log10(curves.Max(curve => Math.Max(curve.Before.Max(), curve.After.Max())));
        double least = Math.Max(
            most - 16, Math.Log10(curves.Min(curve => Math.Min(Smallest(curve.Before), Smallest(curve.After)))));
        int width = curves.Max(curve => curve.Name.Length) + 9;
        terminal.Output.WriteLine(
            $"From now to {curves[0].Before.Length - 1} steps back, in powers of ten from {ForgetTable.Norm(Math.Pow(10, most))} to "
                + $"{ForgetTable.Norm(Math.Pow(10, least))} or less:");
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
