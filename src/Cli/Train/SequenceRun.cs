using System.Diagnostics;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Pictures;
using SpanRnn.Cli.Reports;
using SpanRnn.Cli.Sequences;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Train;

/// <summary>Training on a file of sequences: one run, runs with several seeds, or cross-validation.</summary>
internal sealed class SequenceRun : IDisposable
{
    private readonly TrainSettings _settings;
    private readonly Terminal _terminal;
    private readonly string _output;
    private readonly StopSignals _signals;
    private readonly CancellationTokenSource _stop = new();
    private readonly ReportFiles _files;
    private readonly LossCurves _losses = new();
    private string _choices = string.Empty;

    private SequenceRun(TrainSettings settings, Terminal terminal, string output, ReportFiles files) =>
        (_settings, _terminal, _output, _signals, _files) = (settings, terminal, output, new StopSignals(terminal), files);

    /// <summary>Trains and writes the model.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(TrainSettings settings, Terminal terminal)
    {
        string data = settings.Data!;
        string output = settings.Output ?? Path.ChangeExtension(data, ".safetensors");
        if (!File.Exists(data) && !Directory.Exists(data))
        {
            throw new FileNotFoundException($"'{data}' does not exist, expected a file of sequences.");
        }

        CheckFiles(settings, output);
        string?[] read = [data, settings.Model, settings.Validation?.File];
        var files = new ReportFiles(
            settings.Report?.File, settings.Plot, read, terminal, settings.Folds > 0 ? [] : [output, settings.Checkpoint]);
        using CheckpointLock? own = settings.Checkpoint is null ? null : new CheckpointLock(settings.Checkpoint);
        using CheckpointLock? model = settings.Folds > 0 ? null : new CheckpointLock(output);
        bool resumes = CheckResume(settings, output);
        SequenceModel? start = settings.Model is null ? null : SequenceModel.Load(settings.Model);
        SequenceFile file = start is null ? SequenceFile.Load(data, settings.Task.Columns) : start.Task.Load(data, settings.Task.Columns);
        SequenceTask task = start?.Task ?? settings.Task.Of(file);
        SequenceTrainingOptions options = Options(settings, start, task);
        using var run = new SequenceRun(settings, terminal, output, files);
        try
        {
            return settings.Folds > 0 ? run.Folds(task, file, options) : run.Seeds(task, file, options, resumes);
        }
        catch (OperationCanceledException)
        {
            string kept = settings.Folds > 0 ? "the runs above are all that is known"
                : !File.Exists(output) ? settings.Seeds > 1
                    ? "no seed was whole, and nothing is kept"
                    : "no epoch was whole, and nothing is kept"
                : settings.Checkpoint is null ? $"'{output}' is the best model so far"
                : $"'{output}' is the best model so far, and --resume continues from '{settings.Checkpoint}'";
            terminal.WriteError($"stopped; {kept}.");
            return ExitCode.Interrupted;
        }
        catch (ArgumentException e)
        {
            throw TaskSettings.Wrong(e);
        }
    }

    public void Dispose()
    {
        _signals.Dispose();
        _stop.Dispose();
    }

    private int Seeds(SequenceTask task, SequenceFile file, SequenceTrainingOptions options, bool resumes)
    {
        List<CrossValidationRun> runs = [];
        List<string[]> rows = [];
        SequenceModel? best = null;
        bool isSaved = true;
        for (int i = 0; i < _settings.Seeds; i++)
        {
            SequenceTrainingOptions own = options with { Seed = options.Seed + (ulong)i };
            SequenceModel model = Train(task, file, own, resumes, isFirst: i == 0, out SequenceEvaluation? evaluation);
            runs.AddRange(evaluation is null ? [] : [new CrossValidationRun(own.Seed, 0, model.Epochs, evaluation)]);
            if (_settings.Seeds > 1)
            {
                string figure = evaluation is null ? "no validation" : Figures.Headline(evaluation);
                _terminal.WriteProgress($"seed {own.Seed}: {figure}");
                rows.Add([$"{own.Seed}", Amount.Of(model.Epochs), figure]);
                best = best is null || model.ValidationLoss < best.ValidationLoss ? model : best;
                isSaved = Keep(() => best.Save(_output), $"seed {own.Seed}");
            }
        }

        if (!isSaved)
        {
            best!.Save(_output);
        }

        Write(task, runs, _output);
        Report(
            file,
            page =>
            {
                if (!_losses.IsEmpty)
                {
                    page.Heading("Losses");
                    page.Add(_losses.Picture());
                    page.Paragraph(_losses.Caption());
                }

                if (runs.Count == 1)
                {
                    SequenceEvaluation evaluation = runs[0].Evaluation;
                    page.Paragraph($"Figures of the model on the {Amount.Of(evaluation.Sequences, "sequence")} of the validation:");
                    EvaluationPage.Add(page, task, evaluation);
                }
                else if (runs.Count > 1)
                {
                    EvaluationPage.AddMain(page, [.. runs.Select(run => run.Evaluation)]);
                    page.Table(["seed", "#best epoch", "validation"], rows);
                }
            },
            _losses.Picture);
        return ExitCode.Success;
    }

    private SequenceModel Train(
        SequenceTask task,
        SequenceFile file,
        SequenceTrainingOptions options,
        bool resumes,
        bool isFirst,
        out SequenceEvaluation? evaluation)
    {
        SequenceTraining? made = null;
        SequenceProgress? progress = null;
        bool isSaved = true;
        using SequenceTraining training = made = new SequenceTraining(task, file, options with
        {
            Step = report =>
            {
                progress!.Add(report);
                CheckSignals();
            },
            Epoch = report =>
            {
                progress!.Add(report);
                _losses.Add(report);
                isSaved &= !report.IsBest;
                isSaved = _settings.Seeds > 1 || Keep(() => Save(made!, isSaved), $"epoch {Amount.Of(made!.Epochs)}");
            },
        });
        if (resumes)
        {
            training.Resume(_settings.Checkpoint!, File.Exists(_output) ? SequenceModel.Load(_output) : null);
        }
        else if (_settings.Checkpoint is { } checkpoint)
        {
            // From now on the model's file, once it is there, is known to be of this run.
            training.SaveCheckpoint(checkpoint);
        }

        if (isFirst)
        {
            Say(file, training);
        }

        _losses.Begin();
        progress = new SequenceProgress(training, _terminal);
        SequenceModel model = training.Run(_stop.Token);
        progress.Finish(model);
        _losses.Write(_terminal);
        if (!isSaved)
        {
            model.Save(_output);
        }

        evaluation = training.Validation is { } validation
            ? SequenceEvaluation.Of(
                model, validation, new SequenceEvaluationOptions { Training = training.Training, Seed = options.Seed })
            : null;
        return model;
    }

    private int Folds(SequenceTask task, SequenceFile file, SequenceTrainingOptions options)
    {
        int done = 0;
        int all = _settings.Folds * _settings.Seeds;
        long start = Stopwatch.GetTimestamp();
        SequenceTrainingOptions own = options with { Step = _ => CheckSignals() };
        using (var whole = new SequenceTraining(task, file, own with { Threads = 1 }))
        {
            Say(file, whole);
        }

        IReadOnlyList<CrossValidationRun> runs = CrossValidation.Of(
            task,
            file,
            _settings.Folds,
            _settings.Seeds,
            own,
            run =>
            {
                done++;
                TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
                string left = done == all ? string.Empty : $", about {Figures.Time(elapsed * (all - done) / done)} left";
                _terminal.WriteProgress(
                    $"{done} of {all}: seed {run.Seed}, fold {run.Fold + 1}, {Amount.Of(run.Epochs, "epoch")}: "
                    + $"{Figures.Headline(run.Evaluation)}{left}");
            },
            _stop.Token);
        Write(task, runs, null);
        SequenceEvaluation[] evaluations = [.. runs.Select(run => run.Evaluation)];
        Report(
            file,
            page =>
            {
                page.Paragraph("Each run is evaluated on the fold that it has not seen.");
                EvaluationPage.AddMain(page, evaluations);
                page.Table(
                    ["seed", "#fold", "#best epoch", "figure"],
                    runs.Select(run => (string[])
                        [$"{run.Seed}", $"{run.Fold + 1}", Amount.Of(run.Epochs), Figures.Headline(run.Evaluation)]));
            },
            () => EvaluationPage.Bars(evaluations));
        return ExitCode.Success;
    }

    private void Write(SequenceTask task, IReadOnlyList<CrossValidationRun> runs, string? model)
    {
        if (_settings.Json)
        {
            _terminal.Output.WriteLine(RunsJson.Of(task, runs, model));
            return;
        }

        if (runs.Count > 0)
        {
            _terminal.WriteProgress(model is null
                ? "figures on the fold that each run has not seen:"
                : $"figures on the {Amount.Of(runs[0].Evaluation.Sequences, "sequence")} of the validation:");
            Figures.WriteMain([.. runs.Select(run => run.Evaluation)], _terminal);
        }

        if (model is not null)
        {
            _terminal.Output.WriteLine($"model: {model}");
        }
    }

    private void Say(SequenceFile file, SequenceTraining training)
    {
        _choices = ChoicesText.Of(training);
        _terminal.WriteProgress($"{file.Description}\n{_choices}");
    }

    private void Report(SequenceFile file, Action<ReportPage> content, Func<Picture> picture) => _files.Write(
        $"Training on {Path.GetFileName(_settings.Data)}",
        _settings.Seeds == 1
            ? $"{_settings.Seed}, for network, order, dropout and split"
            : $"{_settings.Seed} to {_settings.Seed + (ulong)_settings.Seeds - 1}, for network, order, dropout and split",
        page =>
        {
            page.Paragraph(file.Description);
            foreach (string line in _choices.Split('\n'))
            {
                page.Paragraph(line);
            }

            content(page);
        },
        picture);

    private void CheckSignals()
    {
        if (_signals.HaveCome)
        {
            _stop.Cancel();
        }
    }

    private void Save(SequenceTraining training, bool isSaved)
    {
        if (!isSaved)
        {
            training.Best!.Save(_output);
        }

        if (_settings.Checkpoint is { } checkpoint)
        {
            training.SaveCheckpoint(checkpoint);
        }
    }

    // Saves and returns true; a file that cannot be written is no reason to lose the run.
    private bool Keep(Action save, string when)
    {
        try
        {
            save();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _terminal.WriteError($"warning: nothing was saved after {when}: {e.Message}");
            return false;
        }
    }

    private static SequenceTrainingOptions Options(TrainSettings settings, SequenceModel? start, SequenceTask task)
    {
        bool Has(string option) => settings.Given.Contains(option);
        LearningRateSchedule? ScheduleOf(double rate) => (settings with { Rate = rate }).Schedule;
        return new SequenceTrainingOptions
        {
            Cell = settings.Cell,
            HiddenSize = Has("--hidden") ? settings.Hidden : null,
            Layers = Has("--layers") ? settings.Layers : null,
            Bidirectional = Has("--bidirectional") ? settings.Bidirectional : null,
            EmbeddingSize = Has("--embedding") ? settings.Embedding : null,
            Readout = settings.Task.Readout,
            Dropout = Has("--dropout") ? settings.Dropout : null,
            RecurrentDropout = Has("--recurrent-dropout") ? settings.RecurrentDropout : null,
            Optimizer = Has("--optimizer") || Has("--momentum") || Has("--weight-decay") ? settings.OptimizerOf<float> : null,
            LearningRate = Has("--rate") ? settings.Rate : null,
            Schedule = Has("--schedule") || Has("--warm-up") ? rate => ScheduleOf(rate)! : null,
            ClipNorm = Has("--clip-norm") ? settings.ClipNorm : null,
            Epochs = Has("--epochs") ? (int)Math.Min(settings.Epochs, int.MaxValue) : null,
            Patience = settings.Patience > 0 ? settings.Patience : null,
            Validation = settings.Validation?.Share,
            ValidationFile = settings.Validation?.File is { } path ? task.Load(path, settings.Task.Columns) : null,
            BatchSize = Has("--batch") ? settings.Batch : null,
            Seed = settings.Seed,
            Threads = settings.Threads,
            Start = start,
        };
    }

    private static void CheckFiles(TrainSettings settings, string output)
    {
        if (settings.Folds > 0)
        {
            return;
        }

        string[] outputs = [.. new[] { output, settings.Checkpoint }.OfType<string>()];
        string[] inputs = [.. new[] { settings.Data, settings.Model, settings.Validation?.File }.OfType<string>()];
        OutputFiles.ExpectSeparate(inputs, outputs);
        if (settings.Output is not null && FileEnding.Of(output) != ".safetensors")
        {
            throw new WrongCommandLineException(
                $"--output is '{output}', expected a name that ends in .safetensors, which keeps the task too; "
                    + "convert makes an .onnx of it.");
        }

        foreach (string path in outputs)
        {
            OutputFiles.ExpectWritable(path);
        }
    }

    // True if the run goes on from its checkpoint.
    private static bool CheckResume(TrainSettings settings, string output)
    {
        bool hasCheckpoint = File.Exists(settings.Checkpoint);
        if (hasCheckpoint && !settings.Resume)
        {
            throw new IOException(
                $"'{settings.Checkpoint}' exists, expected --resume to continue from it or another name for the checkpoint.");
        }

        bool resumes = settings.Resume && hasCheckpoint;
        if (settings.Folds == 0 && !resumes && File.Exists(output))
        {
            throw new IOException($"'{output}' exists, expected another name for the model: --output FILE.");
        }

        return resumes;
    }
}
