using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Reports;
using SpanRnn.Cli.Sequences;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Compare;

/// <summary>Command compare: Elman RNN, LSTM and GRU on a file of sequences, and which to take.</summary>
internal static class CompareCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string> data = FileOption.CreateArgument("DATA", "The sequences: a table (.csv, .tsv), FASTA or text, as for train.");
        var command = new CommandWithExample(
            "compare",
            "Compares Elman RNN, LSTM and GRU on sequences: score, spread over seeds, time of training and of a step, memory.",
            "compare dna.csv --budget 2m --threads 2")
        {
            data,
        };
        OptionTable<CompareSettings> table = Options(command);
        Option<string?> report = ReportFiles.CreateReport();
        Option<string?> plot = ReportFiles.CreatePlot("the scores at equal hidden size");
        command.Add(report);
        command.Add(plot);
        command.SetAction(result =>
        {
            CompareSettings settings = table.Read(result);
            string path = result.GetValue(data)!;
            var files = new ReportFiles(result.GetValue(report), result.GetValue(plot), [path], terminal);
            var file = SequenceFile.Load(path, settings.Task.Columns);
            SequenceTask task = settings.Task.Of(file);
            var options = new SequenceTrainingOptions
            {
                HiddenSize = settings.Hidden,
                Layers = settings.Layers,
                Bidirectional = settings.Bidirectional,
                Readout = settings.Task.Readout,
                Epochs = settings.Epochs,
                Seed = settings.Seed,
                Threads = settings.Threads,
            };
            string choices = string.Empty;
            int described = 0;
            TimeSpan trained = TimeSpan.Zero;
            CellComparison comparison;
            try
            {
                comparison = CellComparison.Of(
                    task,
                    file,
                    settings.Seeds,
                    options with
                    {
                        // What cannot be trained on needs no description.
                        Step = _ =>
                        {
                            if (Interlocked.Exchange(ref described, 1) == 0)
                            {
                                using var shape = new SequenceTraining(task, file, options with { Threads = 1 });
                                choices = $"{file.Description}\n{ChoicesText.TaskAndNetwork(shape)}; and with the other cells";
                                terminal.WriteProgress(choices);
                            }
                        },
                    },
                    settings.Budget,
                    run =>
                    {
                        trained += run.Time;
                        terminal.WriteProgress(Line(run, trained / Math.Min(settings.Threads, run.All)));
                    });
            }
            catch (ArgumentException e)
            {
                throw TaskSettings.Wrong(e);
            }

            var tables = new CompareTables(task, comparison, settings.Seeds);
            terminal.WriteProgress(tables.Trainings);
            if (settings.Json)
            {
                terminal.Output.WriteLine(CompareJson.Of(task, comparison));
            }
            else
            {
                Write(tables, terminal);
            }

            files.Write(
                $"Comparison of cells on {Path.GetFileName(path)}",
                $"{string.Join(", ", comparison.Seeds)}, for networks, order, dropout and split",
                page => Add(page, choices, tables),
                () => tables.Picture(tables.Halves[0].Title, tables.Halves[0].Networks));
            return ExitCode.Success;
        });
        return command;
    }

    private static OptionTable<CompareSettings> Options(Command command)
    {
        var defaults = new CompareSettings();
        var table = new OptionTable<CompareSettings>(command);
        TaskSettings.AddTo(table, (s, change) => s with { Task = change(s.Task) });
        TaskSettings.AddReadoutTo(table, (s, change) => s with { Task = change(s.Task) });
        table.Add(
            NumberOption.Whole(
                "--hidden", "Units of each layer; the other half of the comparison has as many parameters as a GRU of these.", 1, 4096),
            (s, value) => s with { Hidden = (int)value });
        table.Add(
            NumberOption.Whole("--layers", "Layers; 1 is the default.", 1, 100), (s, value) => s with { Layers = (int)value });
        table.Add(
            new Option<bool>("--bidirectional") { Description = "The layers run in both directions, or not; the default is train's." },
            (s, value) => s with { Bidirectional = value });
        table.Add(
            NumberOption.Whole("--epochs", "Most epochs of each training; the default is train's.", 1, 100_000),
            (s, value) => s with { Epochs = (int)value });
        table.Add(
            NumberOption.Whole(
                "--seeds", $"Trainings of each network, from --seed on; {defaults.Seeds} is the default.", 1, 1000),
            (s, value) => s with { Seeds = (int)value });
        table.Add(NumberOption.Seed("The first seed; 0 is the default."), (s, value) => s with { Seed = value });
        table.Add(
            NumberOption.Whole("--threads", $"Trainings side by side; {defaults.Threads} is the default.", 1, 1024),
            (s, value) => s with { Threads = (int)value });
        table.Add(
            BudgetOption.Create(
                "The time of all of it, such as 2m: trainings get as many epochs as fit; by default as long as it takes.",
                "2m",
                "ms",
                "s",
                "m",
                "min",
                "h"),
            (s, value) => s with { Budget = TimeSpan.FromSeconds(Math.Clamp(value / 1e9, 1e-6, CellComparison.MostBudget.TotalSeconds)) });
        table.Add(
            new Option<bool>("--json") { Description = "Writes one object of JSON with all figures." },
            (s, value) => s with { Json = value });
        return table;
    }

    private static void Write(CompareTables tables, Terminal terminal)
    {
        foreach ((string title, IReadOnlyList<ComparedNetwork> networks) in tables.Halves)
        {
            (string[] columns, IEnumerable<string[]> rows) = tables.Scores(title, networks);
            terminal.WriteTable(columns, rows);
            terminal.WriteBars(
                tables.Bars(networks).Select(bar => (bar.Name, bar.Figure.Value, bar.Figure.Low, bar.Figure.High, bar.Text)));
            terminal.Output.WriteLine(tables.Sentence(title, networks));
        }

        (string[] names, IEnumerable<string[]> costs) = tables.Costs();
        terminal.WriteTable(names, costs);
        terminal.Output.WriteLine(CompareTables.WhatCosts);
        terminal.Output.WriteLine(tables.Verdict);
    }

    private static void Add(ReportPage page, string choices, CompareTables tables)
    {
        foreach (string line in choices.Split('\n'))
        {
            page.Paragraph(line);
        }

        page.Paragraph($"{tables.Trainings}.");
        page.Paragraph(tables.Verdict);
        foreach ((string title, IReadOnlyList<ComparedNetwork> networks) in tables.Halves)
        {
            page.Heading($"{char.ToUpperInvariant(title[0])}{title[1..]}");
            page.Add(tables.Picture(title, networks));
            (string[] columns, IEnumerable<string[]> rows) = tables.Scores(title, networks);
            page.Table(columns, rows);
            page.Paragraph(tables.Sentence(title, networks));
        }

        page.Heading("Time and memory");
        page.Paragraph(CompareTables.WhatCosts);
        (string[] names, IEnumerable<string[]> costs) = tables.Costs();
        page.Table(names, costs);
    }

    private static string Line(CellComparisonRun run, TimeSpan elapsed)
    {
        string left = run.Done == run.All ? string.Empty : $", about {Figures.Time(elapsed * (run.All - run.Done) / run.Done)} left";
        return $"{run.Done} of {run.All}: {CellNames.Of(run.Network.Cell)} of {Amount.Of(run.Network.HiddenSize)}, seed {run.Seed}: "
            + $"{Figures.Headline(run.Evaluation)}, {Figures.Time(run.Time)}{left}";
    }
}
